import { bodyOf, exchange, TooLargeError } from '@stoa/control-plane-client/exchange.ts';
import { agentFor, noProxies } from '@stoa/lib/proxies.ts';
import { contextOf } from '@stoa/lib/server-tls.ts';
import { AdminError } from '../../engine/admin-error.ts';
import type { AdminErrorCode } from '../../engine/admin-error.ts';
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
  write(write: CaddyWrite): Promise<void>;
  close(): void;
};

type Call = { method: string; path: string; headers?: Record<string, string>; body?: unknown; signal?: AbortSignal | undefined };
type Answer = { status: number; text: string; etag: string | undefined };

/** Largest answer that is read: a configuration of a thousand routes is about 1 MB. */
const maxBytes = 64 * 1024 * 1024;

export function createCaddyAdmin(options: CaddyAdminOptions): CaddyAdmin {
  const { timeoutMs = 30_000 } = options;
  const base = options.url.replace(/\/+$/, '');
  const own = options.clientCertificate === undefined ? {} : contextOf(options.clientCertificate);
  // Caddy ends every kept connection with each change, whoever made it: each call has one of its own.
  const agent = agentFor(base, options.proxies ?? noProxies, 4, own);

  async function send({ method, path, headers = {}, body, signal }: Call): Promise<Answer> {
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const received = await exchange({
        method,
        url: new URL(base + path),
        agent,
        signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
        headers: {
          connection: 'close',
          'user-agent': 'stoa-connect',
          ...(options.credential && { [options.credential.header]: options.credential.value.reveal() }),
          ...(payload && { 'content-type': 'application/json' }),
          ...headers,
        },
        body: payload,
      });
      const text = (await bodyOf(received, maxBytes)).toString('utf8');
      const { statusCode = 0, headers: head, trailers } = received.incoming;
      // Before 2.7 the tag comes behind the body.
      return { status: statusCode, text, etag: head.etag ?? trailers['etag'] };
    } catch (error) {
      if (error instanceof TooLargeError) throw new AdminError('too_large', `Caddy's answer is larger than ${maxBytes} bytes.`);
      throw failure(error, deadline, signal, timeoutMs);
    }
  }

  return {
    async configuration(signal) {
      const { status, text, etag } = await send({ method: 'GET', path: '/config/', signal });
      if (status !== 200) throw answeredError(status, text);
      if (etag === undefined)
        throw new AdminError(
          'unsupported',
          "Caddy's answers come without an ETag, which guards what others change meanwhile: is there a proxy before its admin API?",
        );
      return { config: parseJson(text), etag };
    },
    async write({ method, path, body, etag }) {
      const { status, text } = await send({ method, path, headers: { 'if-match': etag }, body });
      if (status < 200 || status > 299) throw answeredError(status, text);
    },
    close: () => agent.destroy(),
  };
}

function failure(error: unknown, deadline: AbortSignal, signal: AbortSignal | undefined, timeoutMs: number): AdminError {
  if (signal?.aborted) return new AdminError('stopped', 'The request to Caddy was broken off, because STOA Connect is stopping.');
  if (deadline.aborted) return new AdminError('timeout', `Caddy's admin API did not answer within ${timeoutMs} ms.`);
  const code = (error as NodeJS.ErrnoException).code ?? 'no answer';
  return new AdminError('unreachable', `Caddy's admin API cannot be reached (${code}): check STOA_TARGET_GATEWAY_URL.`, { cause: error });
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
