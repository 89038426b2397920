import { AdminError } from '../../engine/admin-error.ts';
import type { AdminErrorCode } from '../../engine/admin-error.ts';
import { createAdminHttp } from '../../engine/admin-http.ts';
import { isRecord, shorten } from '../../engine/compare.ts';
import type { AdapterOptions } from '../../engine/model.ts';

export type CaddyAdminOptions = AdapterOptions & { readonly timeoutMs?: number };

/** One change of the configuration. It is made only while the configuration is the one that the tag is of. */
export type CaddyWrite = {
  readonly method: 'PATCH' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly etag: string;
};

/** The few calls of Caddy's admin API that Connect needs. Each throws an `AdminError`. */
export type CaddyAdmin = {
  /** The whole configuration, with its tag. */
  configuration(signal?: AbortSignal): Promise<{ readonly config: unknown; readonly etag: string }>;
  /** What it counts, in the Prometheus text format. */
  metrics(signal?: AbortSignal): Promise<string>;
  write(write: CaddyWrite): Promise<void>;
  close(): void;
};

/** Largest answer that is read: a configuration of a thousand routes is about 1 MB. */
const maxBytes = 64 * 1024 * 1024;

export function createCaddyAdmin(options: CaddyAdminOptions): CaddyAdmin {
  const base = options.url.replace(/\/+$/, '');
  const http = createAdminHttp({ ...options, api: "Caddy's admin API", timeoutMs: options.timeoutMs ?? 30_000, maxBytes, connections: 4 });
  // Caddy ends every kept connection with each change, whoever made it: each call has one of its own.
  const always = { connection: 'close', ...(options.credential && { [options.credential.header]: options.credential.value.reveal() }) };

  return {
    async configuration(signal) {
      const { status, text, headers, trailers } = await http.send({ method: 'GET', url: `${base}/config/`, headers: always, signal });
      if (status !== 200) throw answeredError(status, text);
      // Before 2.7 the tag comes behind the body.
      const etag = headers.etag ?? trailers['etag'];
      if (etag === undefined)
        throw new AdminError(
          'unsupported',
          "Caddy's answers come without an ETag, which guards what others change meanwhile: is there a proxy before its admin API?",
        );
      return { config: parseJson(text), etag };
    },
    async metrics(signal) {
      const { status, text } = await http.send({ method: 'GET', url: `${base}/metrics`, headers: always, signal });
      if (status !== 200) throw answeredError(status, text);
      return text;
    },
    async write({ method, path, body, etag }) {
      const { status, text } = await http.send({ method, url: base + path, headers: { ...always, 'if-match': etag }, body });
      if (status < 200 || status > 299) throw answeredError(status, text);
    },
    close: http.close,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AdminError('invalid_answer', "The answer to GET /config/ is not JSON: is STOA_TARGET_GATEWAY_URL Caddy's admin API?");
  }
}

/** Translates an error status. Old versions answer 500 to what they refuse, so that the text decides. */
export function answeredError(status: number, text: string): AdminError {
  const said = messageIn(text);
  const remedy = status === 403 ? ' Its `admin.origins` has to name the host of STOA_TARGET_GATEWAY_URL.' : '';
  return new AdminError(codeOf(status, said), shorten(`Caddy answered ${status}${said === '' ? '.' : `: ${said}.`}${remedy}`, 1000), { status });
}

function codeOf(status: number, said: string): AdminErrorCode {
  if (status === 401 || status === 403) return 'unauthorized';
  // Somebody took away what is addressed, or changed the configuration, since it was read.
  if (status === 412 || /^unknown object ID|key already exists|key does not exist|array index out of bounds|invalid traversal path/.test(said))
    return 'stale';
  if (/loading new config|indexing config/.test(said)) return 'refused';
  if (status === 404) return 'not_found';
  if (status === 405) return 'unsupported';
  if (status === 408 || status === 429 || status >= 500) return 'unavailable';
  return status >= 400 ? 'refused' : 'invalid_answer';
}

function messageIn(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    return isRecord(body) && typeof body['error'] === 'string' ? body['error'] : '';
  } catch {
    return '';
  }
}
