import type Provider from 'oidc-provider';
import { expect, it } from 'vitest';
import { CurrentIssuer } from './current-issuer.ts';
import type { IssuerKeys } from './signing-keys.ts';

const inForce: { name: string; changesInMs: number } = { name: 'first', changesInMs: Infinity };
let [reads, isAway] = [0, false];
const warnings: string[] = [];
const current = new CurrentIssuer({
  read: async () => {
    reads += 1;
    if (isAway) throw new Error('The database is away.');
    return { ...inForce, jwks: [] } satisfies IssuerKeys;
  },
  make: () => ({}) as Provider,
  log: { warn: (_: unknown, sentence?: string) => void warnings.push(sentence ?? '') } as never,
});

it('reads the keys when it is first asked for, when it hears of others and when others begin to sign, and is another then alone', async () => {
  isAway = true;
  await expect(current.get()).rejects.toThrow('The database is away.');
  isAway = false;
  const [first, same] = await Promise.all([current.get(), current.get()]);
  expect([await current.get(), same, reads]).toEqual([first, first, 2]);
  current.forget();
  expect([(await current.get()) === first, reads]).toEqual([true, 3]);

  inForce.changesInMs = 0;
  current.forget();
  await current.get();
  inForce.name = 'second, first';
  const second = await current.get();
  expect([second === first, reads]).toEqual([false, 5]);

  isAway = true;
  expect([(await current.get()) === second, warnings]).toEqual([true, [expect.stringContaining('goes on with those that it has')]]);
});

it('reads once more when it hears of others while it reads', async () => {
  isAway = false;
  inForce.changesInMs = Infinity;
  current.forget();
  const reading = current.get();
  current.forget();
  await reading;
  const before = reads;
  await current.get();
  expect(reads).toBe(before + 1);
});
