import { AdminError } from '../../engine/admin-error.ts';
import { createAdminHttp } from '../../engine/admin-http.ts';
import { isRecord } from '../../engine/compare.ts';
import type { AdapterOptions } from '../../engine/model.ts';
import { answeredError } from './answered-error.ts';
import { kongKinds, readEntity } from './entities.ts';
import type { KongEntity, KongKind } from './entities.ts';

export type KongNode = {
  readonly version: string;
  readonly database: string;
  /** `traditional`, or of a hybrid cluster `control_plane` or `data_plane`. */
  readonly role: string;
  /** How many processes of the node that was asked serve traffic. */
  readonly workers: number;
};

/** `maxPages` lowers the bound of the client. */
type ListOptions = { tag?: string; signal?: AbortSignal; maxPages?: number };

/** The few calls of Kong's Admin API that Connect needs. Each throws an `AdminError`. */
export type KongAdmin = {
  node(signal?: AbortSignal): Promise<KongNode>;
  /** All entities of a kind, page by page; with a tag, those that carry it. */
  list(kind: KongKind, options?: ListOptions): Promise<KongEntity[]>;
  /** One entity; undefined when Kong has it not. */
  get(kind: KongKind, id: string, signal?: AbortSignal): Promise<KongEntity | undefined>;
  /** Creates or replaces. Fields left out go back to Kong's defaults. */
  put(kind: KongKind, id: string, fields: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<KongEntity>;
  /** Changes only these fields. */
  patch(kind: KongKind, id: string, fields: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<void>;
  /** Succeeds, too, for what is not there: Kong does not tell the difference. */
  remove(kind: KongKind, id: string, signal?: AbortSignal): Promise<void>;
  /** What is at a path, and no entity. */
  read(path: string, signal?: AbortSignal): Promise<unknown>;
  readText(path: string, signal?: AbortSignal): Promise<string>;
  /** The whole configuration of a node without a database, as YAML. */
  config(signal?: AbortSignal): Promise<string>;
  /** What Kong knows that configuration by. */
  hash(signal?: AbortSignal): Promise<string>;
  /** Sends a whole configuration. What an answer means is for who sends it. */
  declare(document: Readonly<Record<string, unknown>>): Promise<{ status: number; body: unknown }>;
  close(): void;
};

export type KongAdminOptions = AdapterOptions & {
  readonly timeoutMs?: number;
  /** Largest answer that is read. A page of 1000 plugins is about 1 MB. */
  readonly maxBytes?: number;
  readonly pageSize?: number;
  /** Bounds a listing, and ends one whose `next` goes round in circles. */
  readonly maxPages?: number;
};

type Call = { method: 'GET' | 'PUT' | 'PATCH' | 'DELETE'; path: string; body?: unknown; signal?: AbortSignal | undefined };

/** A client of the Admin API. */
export function createKongAdmin(options: KongAdminOptions): KongAdmin {
  const { timeoutMs = 10_000, maxBytes = 16 * 1024 * 1024, pageSize = 1000, maxPages = 200 } = options;
  const base = options.url.replace(/\/+$/, '');
  const http = createAdminHttp({ ...options, api: "Kong's Admin API", timeoutMs, maxBytes });
  const credential = options.credential && { [options.credential.header]: options.credential.value.reveal() };

  async function textOf({ method, path, body, signal }: Call): Promise<string> {
    const { status, text } = await http.send({ method, url: base + path, body, signal, headers: credential });
    if (status >= 200 && status < 300) return text;
    throw answeredError(status, text);
  }

  async function call(given: Call): Promise<unknown> {
    const text = await textOf(given);
    return text === '' ? undefined : parseJson(text, given);
  }

  async function list(kind: KongKind, { tag, signal, maxPages: pages = maxPages }: ListOptions = {}): Promise<KongEntity[]> {
    const entities: KongEntity[] = [];
    let offset: string | undefined;
    for (let page = 0; page < Math.min(pages, maxPages); page += 1) {
      const query = new URLSearchParams({ size: String(pageSize), ...(tag && { tags: tag }), ...(offset && { offset }) });
      const path = `/${kongKinds[kind]}?${query}`;
      const { data, next } = readPage(await call({ method: 'GET', path, signal }), kind);
      entities.push(...data);
      if (next === undefined) return entities;
      offset = next;
    }
    throw new AdminError('too_many', `Kong has more than ${maxPages * pageSize} ${kongKinds[kind]}; STOA Connect reads no further.`);
  }

  return {
    async node(signal) {
      return readNode(await call({ method: 'GET', path: '/', signal }));
    },
    list,
    async get(kind, id, signal) {
      const path = `/${kongKinds[kind]}/${encodeURIComponent(id)}`;
      try {
        const entity = readEntity(await call({ method: 'GET', path, signal }));
        if (entity === undefined) throw new AdminError('invalid_answer', `Kong's answer to GET ${path} is not an entity.`);
        return entity;
      } catch (error) {
        if (error instanceof AdminError && error.code === 'not_found') return undefined;
        throw error;
      }
    },
    async put(kind, id, fields, signal) {
      const path = `/${kongKinds[kind]}/${encodeURIComponent(id)}`;
      const entity = readEntity(await call({ method: 'PUT', path, body: fields, signal }));
      if (entity === undefined) throw new AdminError('invalid_answer', `Kong's answer to PUT ${path} is not an entity.`);
      return entity;
    },
    async patch(kind, id, fields, signal) {
      await call({ method: 'PATCH', path: `/${kongKinds[kind]}/${encodeURIComponent(id)}`, body: fields, signal });
    },
    async remove(kind, id, signal) {
      await call({ method: 'DELETE', path: `/${kongKinds[kind]}/${encodeURIComponent(id)}`, signal });
    },
    read: (path, signal) => call({ method: 'GET', path, signal }),
    readText: (path, signal) => textOf({ method: 'GET', path, signal }),
    config: (signal) => textIn(call, '/config', 'config', signal),
    hash: (signal) => textIn(call, '/status', 'configuration_hash', signal),
    async declare(document) {
      const { status, text } = await http.send({ method: 'POST', url: `${base}/config?flatten_errors=1`, body: document, headers: credential });
      if (status === 401 || status === 403) throw answeredError(status, text);
      return { status, body: text === '' ? undefined : parsed(text) };
    },
    close: http.close,
  };
}

async function textIn(call: (given: Call) => Promise<unknown>, path: string, field: string, signal: AbortSignal | undefined): Promise<string> {
  const answer = await call({ method: 'GET', path, signal });
  const text = isRecord(answer) ? answer[field] : undefined;
  if (typeof text !== 'string') throw new AdminError('invalid_answer', `Kong's answer to GET ${path} has no ${field}.`);
  return text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseJson(text: string, { method, path }: Call): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AdminError('invalid_answer', `The answer to ${method} ${path.split('?')[0]} is not JSON: is STOA_TARGET_GATEWAY_URL Kong's Admin API?`);
  }
}

function readPage(value: unknown, kind: KongKind): { data: KongEntity[]; next: string | undefined } {
  const page = isRecord(value) ? value : {};
  // An empty list is an empty map to Lua, and some versions of Kong send it so.
  const rows = isRecord(page['data']) && Object.keys(page['data']).length === 0 ? [] : page['data'];
  const data = Array.isArray(rows) ? rows.map(readEntity) : [undefined];
  const complete = data.filter((entity) => entity !== undefined);
  if (complete.length !== data.length) throw new AdminError('invalid_answer', `Kong's list of ${kongKinds[kind]} is not one.`);
  return { data: complete, next: nextOffset(page['next']) };
}

/** Only the offset is taken from `next`: a link that led to another host would carry the credential there. */
function nextOffset(next: unknown): string | undefined {
  if (typeof next !== 'string') return undefined;
  return URL.parse(next, 'http://kong.invalid')?.searchParams.get('offset') ?? undefined;
}

function readNode(value: unknown): KongNode {
  const node = isRecord(value) ? value : {};
  const configuration = isRecord(node['configuration']) ? node['configuration'] : {};
  const [version, database] = [node['version'], configuration['database']];
  if (typeof version !== 'string' || typeof database !== 'string') {
    throw new AdminError('invalid_answer', 'STOA_TARGET_GATEWAY_URL is not the Admin API of a Kong: it names no version and no database.');
  }
  const pids = isRecord(node['pids']) ? node['pids'] : {};
  const workers = Array.isArray(pids['workers']) ? Math.max(1, pids['workers'].length) : 1;
  return { version, database, role: typeof configuration['role'] === 'string' ? configuration['role'] : 'traditional', workers };
}
