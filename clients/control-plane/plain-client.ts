import type { IncomingMessage } from 'node:http';
import type { Client } from 'openapi-fetch';
import type { paths } from '@stoa/generated/control-plane.types.ts';
import { bodyOf } from './exchange.ts';
import type { Received } from './exchange.ts';

/** A request of the contract, before it has a credential. */
export type PlainRequest = {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
};
/** What answers need to be told of a response, in the words of fetch. */
export type PlainResponse = {
  readonly ok: boolean;
  readonly status: number;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
};

type Param = string | number | boolean | undefined | null;
type Init = {
  params?: { path?: Record<string, Param>; query?: Record<string, Param | readonly Param[]>; header?: Record<string, Param> };
  headers?: Record<string, string>;
  body?: unknown;
  parseAs?: 'json' | 'stream';
};

const maxBytes = 256 * 1024 * 1024;
const verbs = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/**
 * The client of the contract without fetch: what openapi-fetch does with the requests of the generated operations, over whatever `carry` sends them by. With
 * `parseAs: 'stream'` the data is a stream of Node.js.
 */
export function createPlainClient(baseUrl: string, carry: (request: PlainRequest) => Promise<Received>): Client<paths> {
  const verb =
    (method: string) =>
    async (path: string, init: Init = {}) => {
      const url = new URL(baseUrl.replace(/\/+$/, '') + filled(path, init.params?.path ?? {}) + queryOf(init.params?.query ?? {}));
      const body = init.body === undefined ? undefined : Buffer.from(JSON.stringify(init.body));
      const headers = {
        accept: 'application/json, application/problem+json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...texts(init.params?.header ?? {}),
        ...texts(init.headers ?? {}),
      };
      return replyOf(await carry({ method, url, headers, body }), url, init.parseAs === 'stream');
    };
  // Generated operations call the verbs and look at `data`, `error` and what `PlainResponse` has of `response`.
  return Object.fromEntries(verbs.map((method) => [method, verb(method)])) as unknown as Client<paths>;
}

async function replyOf(received: Received, url: URL, asStream: boolean): Promise<{ data?: unknown; error?: unknown; response: PlainResponse }> {
  const response = responseOf(received.incoming, url);
  if (response.ok && asStream) return { data: received.incoming, response };
  const text = (await bodyOf(received, maxBytes)).toString('utf8');
  if (response.ok) return { data: text === '' ? undefined : JSON.parse(text), response };
  return { error: parsed(text), response };
}

function responseOf({ statusCode: status = 0, headers }: IncomingMessage, { href: url }: URL): PlainResponse {
  const get = (name: string): string | null => {
    const value = headers[name.toLowerCase()];
    return value === undefined ? null : String(value);
  };
  return { ok: status >= 200 && status < 300, status, url, headers: { get } };
}

/** An error need not be of ours. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const filled = (path: string, values: Record<string, Param>): string =>
  path.replaceAll(/\{([^{}]+)\}/g, (_whole, name: string) => encodeURIComponent(String(values[name])));

/** Lists are repeated, as OpenAPI's `form` and `explode` have them. */
function queryOf(values: Record<string, Param | readonly Param[]>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    for (const one of Array.isArray(value) ? (value as readonly Param[]) : [value as Param])
      if (one !== undefined && one !== null) query.append(name, String(one));
  return query.size === 0 ? '' : `?${query}`;
}

const texts = (values: Record<string, Param>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined || value === null ? [] : [[name.toLowerCase(), String(value)]])),
  );
