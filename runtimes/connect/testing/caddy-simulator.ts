import { createHash } from 'node:crypto';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { operatorsConfig } from './caddy-process.ts';

type Node = Record<string, unknown> | unknown[];
export type AdminCall = { readonly method: string; readonly url: string; readonly ifMatch: string | undefined; readonly body: string };
export type AdminAnswer = { readonly status: number; readonly etag: string | undefined; readonly text: string };

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * The admin API of Caddy 2.11 as recorded, for laws that would take a real one minutes: values by path and by `@id`, tags over a path and what is below it, and
 * the refusals. It serves no traffic.
 */
export function caddySimulator(): (call: AdminCall) => AdminAnswer {
  let root: Record<string, unknown> = operatorsConfig(0, 0);

  function answer({ method, url, ifMatch, body }: AdminCall): AdminAnswer {
    const path = pathOf(root, url);
    if (path === undefined) return { status: 404, etag: undefined, text: '' };
    if (method === 'GET') {
      const text = canonicalJson(valueAt(root, path) ?? null);
      return { status: 200, etag: tagOf(path, text), text: `${text}\n` };
    }
    requireMatch(root, ifMatch);
    const value: unknown = method === 'DELETE' ? undefined : JSON.parse(body);
    root = path.length === 0 ? (value as typeof root) : changed(structuredClone(root), path, method, value);
    return { status: 200, etag: undefined, text: '' };
  }

  return (call) => {
    try {
      return answer(call);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { status: error.status, etag: undefined, text: JSON.stringify({ error: error.message }) };
    }
  };
}

/** `/config/a/b` as keys, `/id/x/b` as those of the object and what follows. */
function pathOf(root: unknown, url: string): string[] | undefined {
  const [kind, ...keys] = url
    .split('/')
    .slice(1)
    .filter((part) => part !== '');
  if (kind === 'config') return keys;
  if (kind !== 'id') return undefined;
  const [id, ...below] = keys;
  const found = pathsOfId(root, id ?? '');
  if (found === undefined) throw new Refusal(404, `unknown object ID '${id}'`);
  return [...found, ...below];
}

function pathsOfId(value: unknown, id: string, path: string[] = []): string[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ((value as Record<string, unknown>)['@id'] === id) return path;
  for (const [key, member] of Object.entries(value)) {
    const found = pathsOfId(member, id, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

const tagOf = (path: readonly string[], text: string): string =>
  `"/config/${path.join('/')} ${createHash('sha256').update(text).digest('hex').slice(0, 16)}"`;

function requireMatch(root: unknown, given: string | undefined): void {
  if (given === undefined) return;
  const path = /^"\/config\/(\S*) \w+"$/.exec(given)?.[1];
  if (path === undefined) throw new Refusal(400, 'malformed If-Match header; expect format "<path> <hash>"');
  const keys = path.split('/').filter((part) => part !== '');
  if (tagOf(keys, canonicalJson(valueAt(root, keys) ?? null)) !== given) throw new Refusal(412, 'If-Match header did not match current config hash');
}

const memberOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
const valueAt = (root: unknown, path: readonly string[]): unknown => path.reduce(memberOf, root);

function changed(root: Record<string, unknown>, path: readonly string[], method: string, body: unknown): Record<string, unknown> {
  const parent = valueAt(root, path.slice(0, -1)) as Node | undefined;
  const key = path.at(-1) ?? '';
  if (typeof parent !== 'object' || parent === null) throw new Refusal(400, `invalid traversal path at: config/${path.join('/')}`);
  const there = memberOf(parent, key);
  const isMissing = there === undefined;
  if (Array.isArray(parent)) {
    const index = Number(key);
    if (index >= parent.length) throw new Refusal(500, `[/config/${path.join('/')}] array index out of bounds: ${key}`);
    parent.splice(index, method === 'PUT' ? 0 : 1, ...(method === 'DELETE' ? [] : [body]));
  } else if (method === 'POST' && Array.isArray(there)) there.push(body);
  else if (method === 'PUT' && !isMissing) throw new Refusal(409, `[/config/${path.join('/')}] key already exists: ${key}`);
  else if ((method === 'PATCH' || method === 'DELETE') && isMissing) throw new Refusal(404, `[/config/${path.join('/')}] key does not exist: ${key}`);
  else if (method === 'DELETE') delete parent[key];
  else parent[key] = body;
  return root;
}
