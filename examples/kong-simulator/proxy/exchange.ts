import type { IncomingHttpHeaders } from 'node:http';
import type { Tables } from '../admin/store.ts';
import type { Input, Row } from '../schemas/field.ts';
import type { RouteMatch } from './router.ts';

/** One request on its way through the plugins. */
export interface ProxyExchange {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly clientIp: string;
  readonly match: RouteMatch;
  readonly tables: Tables;
  readonly now: number;
  readonly newId: () => string;
  /** The body, already read whole. */
  readonly body: Buffer;
  /** Without its question mark. */
  readonly rawQuery: string;
  /** Changed by plugins before the request goes on. */
  readonly query: URLSearchParams;
  readonly upstreamHeaders: Map<string, string | string[]>;
  /** In the place of the path that route and service make, where a plugin says so. */
  upstreamPath?: string;
  /** Set on whatever answer the client gets, the upstream's or the gateway's own. */
  readonly responseHeaders: Map<string, string>;
  /** Taken off the upstream's answer, and put in the place of what it has. */
  readonly removedHeaders: Set<string>;
  readonly replacedHeaders: Map<string, string>;
  consumer?: Row;
  credential?: Row;
}

/** An answer of the gateway itself, which ends the way through the plugins. */
export interface EarlyAnswer {
  status: number;
  /** A text becomes `{message, request_id}`, as the errors of Kong's plugins are. */
  message?: string;
  /** An answer given as it is. */
  raw?: { body: string; contentType?: string };
  headers?: Record<string, string>;
}

/** What a plugin does with a request: lets it go on, or answers it. */
export type PluginRun = (config: Input, exchange: ProxyExchange, plugin: Row) => EarlyAnswer | undefined;

export const texts = (value: unknown): string[] => (value ?? []) as string[];

/** One value of a header that may come more than once. */
export function header(exchange: ProxyExchange, name: string): string | undefined {
  const value = exchange.headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(', ') : value;
}
