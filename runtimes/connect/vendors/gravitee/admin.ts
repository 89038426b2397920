import { AdminError } from '../../engine/admin-error.ts';
import type { AdminErrorCode } from '../../engine/admin-error.ts';
import { createAdminHttp } from '../../engine/admin-http.ts';
import { isRecord, shorten } from '../../engine/compare.ts';
import type { AdapterOptions } from '../../engine/model.ts';

export type Json = Readonly<Record<string, unknown>>;
/** An object as Gravitee sends it. Fields beyond its id are kept unread: they come and go between versions. */
export type Entity = Json & { readonly id: string };

export type GraviteeAdminOptions = AdapterOptions & {
  readonly organization: string;
  readonly environment: string;
  readonly timeoutMs?: number;
  /** Largest answer that is read: a page of a hundred APIs is about 1 MB. */
  readonly maxBytes?: number;
  readonly pageSize?: number;
  /** Bounds a listing. */
  readonly maxPages?: number;
};

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
type Call = { readonly body?: unknown; readonly ifMatch?: string | undefined; readonly signal?: AbortSignal | undefined };

/** The Management API. Version 2 has APIs, plans and subscriptions, version 1 has applications and settings. Each call throws an `AdminError`. */
export type GraviteeAdmin = {
  /** Below the environment in version 2. */
  call(method: Method, path: string, options?: Call): Promise<Json>;
  /** Below the environment in version 1. */
  callV1(method: Method, path: string, options?: Call): Promise<Json>;
  /** All pages of a list of version 2. */
  list(path: string, query: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<Entity[]>;
  applications(signal?: AbortSignal): Promise<Entity[]>;
  close(): void;
};

export function createGraviteeAdmin(options: GraviteeAdminOptions): GraviteeAdmin {
  const { organization, environment, timeoutMs = 15_000, maxBytes = 32 * 1024 * 1024, pageSize = 100, maxPages = 200 } = options;
  const base = options.url.replace(/\/+$/, '');
  const http = createAdminHttp({ ...options, api: "Gravitee's Management API", url: base, timeoutMs, maxBytes });
  const place = `organizations/${encodeURIComponent(organization)}/environments/${encodeURIComponent(environment)}`;

  async function send(method: Method, url: string, { body, ifMatch, signal }: Call = {}): Promise<Json> {
    const headers = { ...credentialOf(options.credential), ...(ifMatch !== undefined && { 'if-match': ifMatch }) };
    const { status, text } = await http.send({ method, url, body, signal, headers });
    if (status < 200 || status > 299) throw answeredError(status, text);
    return text === '' ? {} : readRecord(text, method, url);
  }

  /** A page that is not full is the last. */
  async function pages(url: (page: number) => string, signal: AbortSignal | undefined): Promise<Entity[]> {
    const all: Entity[] = [];
    for (let page = 1; page <= maxPages; page += 1) {
      const data = entitiesOf((await send('GET', url(page), { signal }))['data']);
      all.push(...data);
      if (data.length < pageSize) return all;
    }
    throw new AdminError('too_many', `Gravitee has more than ${maxPages * pageSize} objects in a list; STOA Connect reads no further.`);
  }

  const v1 = `${base}/management/${place}`;
  const v2 = `${base}/management/v2/${place}`;
  return {
    call: (method, path, given) => send(method, v2 + path, given),
    callV1: (method, path, given) => send(method, v1 + path, given),
    list: (path, query, signal) =>
      pages((page) => `${v2}${path}?${new URLSearchParams({ ...query, page: String(page), perPage: String(pageSize) })}`, signal),
    applications: (signal) => pages((page) => `${v1}/applications/_paged?page=${page}&size=${pageSize}`, signal),
    close: http.close,
  };
}

/** A personal access token is enough; what has a scheme, such as Basic, is sent as it is. */
function credentialOf(credential: AdapterOptions['credential']): Record<string, string> {
  if (credential === undefined) return {};
  const value = credential.value.reveal();
  const isBare = credential.header.toLowerCase() === 'authorization' && !/\s/.test(value);
  return { [credential.header]: isBare ? `Bearer ${value}` : value };
}

function readRecord(text: string, method: string, url: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (isRecord(value)) return value;
  const path = new URL(url).pathname;
  throw new AdminError(
    'invalid_answer',
    `The answer to ${method} ${path} is no JSON object: is STOA_TARGET_GATEWAY_URL Gravitee's Management API, without /management?`,
  );
}

export function entitiesOf(value: unknown): Entity[] {
  if (!Array.isArray(value) || !value.every(isEntity)) throw new AdminError('invalid_answer', "Gravitee's list is not one.");
  return value;
}
const isEntity = (value: unknown): value is Entity => isRecord(value) && typeof value['id'] === 'string';

export function entityOf(value: Json, what: string): Entity {
  if (isEntity(value)) return value;
  throw new AdminError('invalid_answer', `Gravitee's answer to ${what} has no id.`);
}

/** Translates an error status. Version 1 and 2 differ in it, some answers are text, and some are empty. */
function answeredError(status: number, text: string): AdminError {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const message = isRecord(body) && typeof body['message'] === 'string' ? body['message'] : '';
  const details = isRecord(body) && Array.isArray(body['details']) ? body['details'].filter(isRecord) : [];
  const places = details.map(({ location, message: said }) => `${String(location)} ${String(said)}`).join(', ');
  const said = [message, places].filter((part) => part !== '').join(': ');
  const remedy = status === 401 || status === 403 ? ' STOA_TARGET_GATEWAY_TOKEN needs the token of an administrator of the environment.' : '';
  const sentence = `Gravitee answered ${status}${said === '' ? '' : `: ${said.replace(/[.!]?$/, '')}`}.${remedy}`;
  return new AdminError(codeOf(status), shorten(sentence, 1000), { status });
}

function codeOf(status: number): AdminErrorCode {
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 404) return 'not_found';
  if (status === 405) return 'unsupported';
  if (status === 409) return 'conflict';
  // Nothing was written: somebody changed the API since it was read.
  if (status === 412) return 'stale';
  if (status === 408 || status === 429 || status >= 500) return 'unavailable';
  return status >= 400 ? 'refused' : 'invalid_answer';
}
