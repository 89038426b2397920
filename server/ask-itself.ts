import { request as requestPlainly } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as requestOverTls } from 'node:https';
import { once } from 'node:events';
import { pairOf, trustInOwn } from '@stoa/lib/server-tls.ts';
import type { Settings } from './config.ts';

type Request = { method?: string; headers?: Readonly<Record<string, string>>; body?: string | undefined; withinMs?: number };
export type AskItself = (path: string, request?: Request) => Promise<Response>;

const usuallyWithinMs = 10_000;

/** Asks the listener of this process, over TLS where it has a certificate: that one alone is believed then, by whatever name it is reached. */
export function askItselfAt(url: () => string, settings: Pick<Settings, 'tlsCertFile' | 'tlsKeyFile'>): AskItself {
  return async (path, { method = 'GET', headers = {}, body, withinMs = usuallyWithinMs } = {}) => {
    const pair = pairOf(settings);
    const options = { method, headers, signal: AbortSignal.timeout(withinMs) };
    const address = `${url()}${path}`;
    const asked = pair === undefined ? requestPlainly(address, options) : requestOverTls(address, { ...options, ...trustInOwn(pair) });
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    const text = Buffer.concat((await answer.toArray()) as Buffer[]);
    const kept = Object.entries(answer.headers).flatMap(([name, value]): [string, string][] => (typeof value === 'string' ? [[name, value]] : []));
    return new Response(text.length === 0 ? null : text, { status: answer.statusCode ?? 500, headers: kept });
  };
}
