import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { ConfigEntry, ConfigManifest, DesiredItem } from '@stoa/generated/schemas.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import type { createSigner } from './fake-control-plane.ts';
import { json, problem } from './fake-control-plane.ts';
import type { TestConnection } from './test-connection.ts';

type Line = ConfigEntry & { bytes: Buffer };
export type Answer = { manifest: ConfigManifest; lines: Buffer[] };

const sha256 = (content: Buffer | string): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);

function lineOf(item: unknown): Line {
  const { id, kind } = item as DesiredItem;
  const bytes = Buffer.from(canonicalJson(item));
  return { id, kind, hash: sha256(bytes), size: bytes.length, bytes };
}

const hashOf = (lines: readonly Line[]): string => sha256(lines.map(({ hash }) => `${hash.slice(7)}\n`).join(''));

/** All of a state, as the answer to who has nothing. */
export function answerOf(signer: ReturnType<typeof createSigner>, generation: number, items: readonly unknown[]): Answer {
  const lines = items.map(lineOf).sort(byId);
  const changed = lines.map(({ bytes: _, ...entry }) => entry);
  return { manifest: { ...signer.name(generation, hashOf(lines)), base: sha256(''), removed: [], changed }, lines: lines.map(({ bytes }) => bytes) };
}

/** The body of an answer: `gzip` as the server packs it, the manifest and the items each for themselves. */
export function bodyOf({ manifest, lines }: Answer, gzip = false): Buffer {
  const parts = [Buffer.from(`${JSON.stringify(manifest)}\n`), Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]))];
  return Buffer.concat(gzip ? parts.filter(({ length }) => length > 0).map((part) => gzipSync(part)) : parts);
}

/**
 * Has the Control Plane of a test speak of items. It knows every state it has had, so that it can answer a difference to each; `spoil` changes the
 * next answers. `answered` are the bytes of the items in each answer.
 */
export function createItemFeed(test: TestConnection, signer: ReturnType<typeof createSigner> = test.signer) {
  const states = new Map<string, Line[]>([[sha256(''), []]]);
  const spoilers: ((answer: Answer) => Answer)[] = [];
  const answered: number[] = [];
  let current: { generation: number; lines: Line[]; id: string | undefined } | undefined;
  let changed = Promise.withResolvers<void>();
  const registered = { ...test.registered, features: ['config_base'] };
  test.server.always('register', () => json(registered));

  const differenceTo = (base: string): Answer => {
    const { generation = 0, lines = [], id } = current ?? {};
    const before = states.get(base);
    const known = new Map(before?.map((line) => [line.id, line]));
    const news = lines.filter(({ hash, id: itemId }) => known.get(itemId)?.hash !== hash);
    const ids = new Set(lines.map((line) => line.id));
    const removed = [...known.keys()].filter((itemId) => !ids.has(itemId));
    const entries = news.map(({ bytes: _, ...entry }) => entry);
    const manifest = { ...signer.name(generation, hashOf(lines), id), ...(before && { base }), removed, changed: entries };
    return (spoilers.shift() ?? ((answer) => answer))({ manifest, lines: news.map(({ bytes }) => bytes) });
  };

  test.server.always('config', async ({ headers, url }, signal) => {
    const etagOf = (): string | undefined => current && `"${current.generation}"`;
    const base = url.searchParams.get('base');
    if (base === null) return problem(400);
    while (current === undefined || etagOf() === (headers.get('if-none-match') ?? undefined)) {
      const news = changed.promise;
      const seconds = Number(url.searchParams.get('wait_s') ?? 0);
      const timer = Promise.withResolvers<'over'>();
      const timeout = setTimeout(() => timer.resolve('over'), seconds * 1000);
      signal.addEventListener('abort', () => timer.reject(signal.reason as Error), { once: true });
      const what = await Promise.race([news, timer.promise]);
      clearTimeout(timeout);
      if (what === 'over') return new Response(null, { status: 304 });
    }
    const answer = differenceTo(base);
    answered.push(answer.lines.reduce((sum, { length }) => sum + length, 0));
    return new Response(new Uint8Array(bodyOf(answer, false)), { headers: { 'content-type': 'application/jsonl', etag: etagOf() ?? '' } });
  });
  test.server.always('item', ({ url }) => {
    const hash = decodeURIComponent(url.pathname.slice(url.pathname.lastIndexOf('/') + 1));
    const line = current?.lines.find((one) => one.hash === hash);
    return line === undefined ? problem(404) : new Response(new Uint8Array(line.bytes), { headers: { 'content-type': 'application/json' } });
  });

  return {
    answered,
    /** Makes these the desired state; answers its hash. */
    desire(generation: number, items: readonly unknown[], id?: string): string {
      const lines = items.map(lineOf).sort(byId);
      current = { generation, lines, id };
      states.set(hashOf(lines), lines);
      changed.resolve();
      changed = Promise.withResolvers();
      return hashOf(lines);
    },
    /** The next answers are changed by these, one each. */
    spoil(...changes: ((answer: Answer) => Answer)[]): void {
      spoilers.push(...changes);
    },
    /** What an item is called on disk and in `items/{hash}`. */
    hashOfItem: (item: unknown): string => lineOf(item).hash,
    forget(hash: string): void {
      states.delete(hash);
    },
  };
}

export type ItemFeed = ReturnType<typeof createItemFeed>;
