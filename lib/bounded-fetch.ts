import { once } from 'node:events';
import type { Agent, IncomingMessage } from 'node:http';
import { request as requestPlainly } from 'node:http';
import { request as requestOverTls } from 'node:https';
import type { LookupFunction } from 'node:net';
import { agentFor } from './proxies.ts';
import type { Proxies } from './proxies.ts';

type Asked = { method?: string; headers?: Headers | Readonly<Record<string, string>>; body?: unknown; signal?: AbortSignal | null };
export type BoundedFetch = (url: string | URL, request?: Asked) => Promise<Response>;

const patienceMs = 5_000;
const maxSockets = 8;
const maxAgents = 100;
/** `lookup` may refuse an address, `maxBytes` bounds what is read of an answer. */
type Bounds = { lookup?: LookupFunction; maxBytes: number };

/** A fetch that goes through the proxies of the settings and trusts the authorities of STOA_CA_FILE. It follows no redirects, waits for seconds and reads a bounded answer. */
export function boundedFetch(proxies: Proxies, { lookup, maxBytes }: Bounds): BoundedFetch {
  const agents = new Map<string, Agent>();
  const agentOf = ({ origin, href }: URL): Agent => {
    const agent = agents.get(origin) ?? agentFor(href, proxies, maxSockets);
    if (agents.size >= maxAgents) agents.clear();
    agents.set(origin, agent);
    return agent;
  };
  return async (target, { method = 'GET', headers = {}, body, signal } = {}) => {
    const url = new URL(target);
    const patience = AbortSignal.timeout(patienceMs);
    const options = {
      method,
      headers: Object.fromEntries(headers instanceof Headers ? headers : Object.entries(headers)),
      agent: agentOf(url),
      ...(lookup && { lookup }),
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    };
    const asked = url.protocol === 'https:' ? requestOverTls(url, options) : requestPlainly(url, options);
    asked.end(body === undefined || body === null ? undefined : String(body));
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    const text = await readBounded(answer, maxBytes);
    const kept = Object.entries(answer.headers).flatMap(([key, value]): [string, string][] => (typeof value === 'string' ? [[key, value]] : []));
    return new Response(text.length === 0 ? null : text, { status: answer.statusCode ?? 500, headers: kept });
  };
}

async function readBounded(answer: IncomingMessage, maxBytes: number): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let received = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    received += chunk.length;
    if (received > maxBytes) throw new Error(`The answer is longer than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
