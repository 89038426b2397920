import { request } from 'node:http';
import { text as readText } from 'node:stream/consumers';

export type Given = { method?: string; headers?: Record<string, string>; body?: string; chunked?: boolean };
export type Answer = { status: number; headers: Record<string, unknown>; text: string };

/** A request as it is written, over a connection of its own: fetch would change its path and its headers. */
export function ask(target: string, { method = 'GET', headers = {}, body, chunked = false }: Given = {}): Promise<Answer> {
  const { hostname, port } = new URL(target);
  const path = target.slice(target.indexOf('/', 'http://'.length));
  return new Promise((resolve, reject) => {
    const length = body === undefined || chunked ? {} : { 'content-length': String(body.length) };
    const asked = request({ hostname, port, path, method, agent: false, headers: { ...headers, ...length } }, (response) => {
      readText(response).then((text) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }), reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
