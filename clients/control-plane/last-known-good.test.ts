import type * as FileSystem from 'node:fs/promises';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@stoa/lib/secret.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { readDifference } from './difference.ts';
import { LastKnownGood } from './last-known-good.ts';
import { hashOfNothing } from './list-hash.ts';
import { api, consumer, createSigner, gatewayId, keyOf } from './testing/fake-control-plane.ts';
import { answerOf, bodyOf } from './testing/item-feed.ts';
import type { VerifiedState } from './verified-state.ts';
import { verifyConfig } from './verify-config.ts';

/** How many steps the disk takes until the process is killed: in the middle of a write, before any other step. */
const life = { left: Infinity };

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof FileSystem>();
  const step = (): void => {
    life.left -= 1;
    if (life.left < 0) throw new Error('killed');
  };
  const mortal = (file: FileSystem.FileHandle): FileSystem.FileHandle =>
    new Proxy(file, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return async (...given: unknown[]) => {
          if (name === 'writeFile' && life.left === 0) await target.writeFile((given[0] as Buffer).subarray(0, 10));
          // A killed process gives its files back.
          if (life.left <= 0 && name === 'close') return target.close();
          step();
          return Reflect.apply(method, target, given) as unknown;
        };
      },
    });
  const before = <A extends unknown[], R>(work: (...given: A) => Promise<R>) => {
    return async (...given: A): Promise<R> => {
      step();
      return work(...given);
    };
  };
  return {
    ...real,
    open: async (...given: Parameters<typeof real.open>) => {
      step();
      return mortal(await real.open(...given));
    },
    rename: before(real.rename),
    rm: before(real.rm as (path: string) => Promise<void>),
    mkdir: before(real.mkdir as (path: string) => Promise<undefined>),
  };
});

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true });
});
function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'last-known-good-'));
  directories.push(directory);
  return directory;
}

const signer = createSigner();
const keys = { trusted: () => [signer.key] };
const owner = { instance_name: 'edge-1', environment: 'production', gateway_mode: 'edge_mcp' } as const;
const log = createLogger({ program: 'test', level: 'silent' });
const storeIn = (stateDir: string) => new LastKnownGood({ stateDir, owner, gatewayKey: Secret.of('gateway-key'), log });
const [alice, orders, billing] = [consumer('alice'), api('orders'), api('billing')];
const key = keyOf(alice, 'key');

type Make = (before: VerifiedState | undefined) => Promise<VerifiedState>;
const items =
  (generation: number, ...given: unknown[]): Make =>
  async (before) => {
    const asked = { gatewayId, trustedKeys: [signer.key], base: hashOfNothing, before };
    const reading = await readDifference(bodyOf(answerOf(signer, generation, given)), asked);
    return (reading as { state: VerifiedState }).state;
  };
const document =
  (generation: number, ...given: (typeof alice)[]): Make =>
  async (before) =>
    (verifyConfig(JSON.stringify(signer.config(generation, given)), gatewayId, [signer.key], before) as { state: VerifiedState }).state;

/** Keeps one state, then the next in a life of so many steps. Answers whether it was lived to its end, and what the next process finds. */
async function keepBoth(first: Make, second: Make, steps: number) {
  const stateDir = newDirectory();
  const store = storeIn(stateDir);
  const old = await first(undefined);
  await store.save(old);
  await store.idle();
  const next = await second(old);
  life.left = steps;
  await store.save(next).catch(() => undefined);
  await store.idle();
  const isOver = life.left >= 0;
  life.left = Infinity;
  return { stateDir, old, next, isOver, found: await storeIn(stateDir).load(keys) };
}

const shown = (state: VerifiedState | undefined) => [
  state?.hash,
  state?.held.map(({ hash, fault }) => [hash, fault]),
  [...(state?.items.keys() ?? [])].sort(),
];

describe('a process that is killed while it keeps a configuration', () => {
  it.each<[what: string, first: Make, second: Make]>([
    ['one state of items after another', items(1, alice, orders), items(2, alice, billing, key)],
    ['items after a whole document', document(1, alice, orders), items(2, alice, orders, key)],
    ['a whole document after items', items(1, alice, orders, key), document(2, alice, billing)],
  ])('leaves the old one or the new one whole, whenever it is: %s', async (_, first, second) => {
    const found = new Set<string>();
    for (let steps = 0; ; steps += 1) {
      const kept = await keepBoth(first, second, steps);
      expect([shown(kept.old), shown(kept.next)], `after ${steps} steps`).toContainEqual(shown(kept.found));
      found.add(kept.found?.generation === 2 ? 'new' : 'old');
      if (kept.isOver) break;
      // Whatever is left over is no obstacle to the next process, and is gone after it has kept something.
      const again = storeIn(kept.stateDir);
      const third = await items(3, alice, key)(kept.found);
      await again.save(third);
      await again.idle();
      expect(shown(await storeIn(kept.stateDir).load(keys))).toEqual(shown(third));
      const files = readdirSync(kept.stateDir, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
      expect(files.map(({ name }) => name).sort(), `after ${steps} steps`).toEqual(
        [...third.held.map(({ hash }) => `${hash.slice(7)}.json`), 'manifest'].sort(),
      );
    }
    expect(found).toEqual(new Set(['old', 'new']));
  });
});
