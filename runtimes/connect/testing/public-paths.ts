import { createServer, request } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import type { ConfigItem } from '@stoa/generated/schemas.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { api, operation } from './config.ts';

/** APIs with the same paths, each at a public path of its own, and what is reached there: the request that the upstream is sent, or that no upstream is. */
export type PublicPaths = {
  readonly items: readonly ConfigItem[];
  readonly calls: readonly (readonly [path: string, host: string | undefined, reached: string])[];
  close(): Promise<void>;
};

const nothing = 'nothing';

/** Its upstream answers the request that it is sent. */
export async function startPublicPaths(): Promise<PublicPaths> {
  const upstream = createServer((asked, response) => void response.setHeader('x-from', 'upstream').end(`${asked.method} ${asked.url}`));
  const url = await listen(upstream, { host: '127.0.0.1', port: 0 });
  const operations = [operation('GET /orders', 'list'), operation('GET /orders/{id}', 'get')];
  const at = (name: string, public_path: { prefix?: string; host?: string; strip?: boolean }, base = '') =>
    api(name, { url: url + base, operations, changes: { public_path } });
  return {
    items: [
      at('shop', { prefix: '/shop' }),
      at('stock', { prefix: '/v2/stock.eu' }, '/api/v1'),
      at('kept', { prefix: '/kept', strip: false }),
      at('based', { prefix: '/based', strip: false }, '/v1'),
      at('eu', { host: 'eu.example.com' }),
      at('us', { host: 'us.example.com', prefix: '/shop' }, '/us'),
    ],
    calls: [
      ['/shop/orders?limit=1', undefined, 'GET /orders?limit=1'],
      ['/shop/orders/7', undefined, 'GET /orders/7'],
      // As it was escaped.
      ['/shop/orders/a%20c%25%41?at=%2F', undefined, 'GET /orders/a%20c%25%41?at=%2F'],
      ['/v2/stock.eu/orders/7', undefined, 'GET /api/v1/orders/7'],
      ['/kept/orders/7', undefined, 'GET /kept/orders/7'],
      ['/based/orders/7', undefined, 'GET /v1/based/orders/7'],
      ['/orders/7', 'eu.example.com', 'GET /orders/7'],
      ['/shop/orders/7', 'us.example.com', 'GET /us/orders/7'],
      ['/shop/orders/7', 'US.example.com:8080', 'GET /us/orders/7'],
      ['/shop/orders/7', 'eu.example.com', 'GET /orders/7'],
      ['/orders', undefined, nothing],
      ['/orders/7', 'us.example.com', nothing],
      ['/api/v1/orders', undefined, nothing],
      ['/v2/stockXeu/orders', undefined, nothing],
      ['/shop', undefined, nothing],
      ['/shop/', undefined, nothing],
      ['/shop/other', undefined, nothing],
      ['/shop/orders/7/8', undefined, nothing],
      ['/shop/../orders/7', undefined, nothing],
      // What is taken off is so as it was written.
      ['/%73hop/orders/7', undefined, nothing],
    ],
    close: () => closeGracefully(upstream, 0),
  };
}

/** What a request by exactly this path comes to. What a gateway answers by itself is nothing: Caddy says 200 without a body where nobody takes a request. */
export function reachedBy(proxyUrl: string, path: string, host?: string): Promise<string> {
  const { hostname, port } = new URL(proxyUrl);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers: { ...(host !== undefined && { host }) } }, (response) => {
      const isThere = response.headers['x-from'] === 'upstream';
      readText(response).then((text) => resolve(isThere ? text : nothing), reject);
    })
      .once('error', reject)
      .end();
  });
}
