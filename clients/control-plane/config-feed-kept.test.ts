import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GatewayConfig } from '@stoa/generated/schemas.ts';
import { describe, expect, it, vi } from 'vitest';
import { advanceUntil, api, consumer, createSigner, json, policyOn, problem } from './testing/fake-control-plane.ts';
import { applied, givenOf } from './testing/test-connection.ts';
import type { Given } from './testing/test-connection.ts';
import { testConnections } from './testing/test-connection.ts';

const { test, acks, kept } = testConnections();

describe('a generation with items that this version does not understand', () => {
  const guarded = api('guarded');
  const newer = { ...policyOn(guarded), policy: { kind: 'rate_limit', config: { limit: 5, window_s: 60, carry_over: 2 } } };
  const fromLater = (...items: unknown[]) => items as GatewayConfig['items'];

  it('is applied without them, so that a key that was revoked in it is refused; each is acknowledged rejected in phase validate', async () => {
    test().desire(test().signer.config(1, [consumer('alice'), consumer('bob'), api('open'), guarded, policyOn(guarded)]));
    const connection = await test().start();
    await advanceUntil(() => acks().length === 1, 1);
    const later = test().signer.config(2, fromLater(consumer('bob'), api('open'), guarded, newer));
    test().desire(later);
    await advanceUntil(() => acks().length === 2, 1);
    expect(test().given[1]?.items).toEqual([api('open'), consumer('bob')]);
    expect(acks()[1]).toMatchObject({ generation: 2, hash: later.hash, state: 'applied_with_warnings' });
    expect(acks()[1].items.slice(2)).toEqual([
      { id: guarded.id, state: 'rejected', phase: 'validate', reason: expect.stringContaining('the policy limits, which applies to it') },
      { id: newer.id, state: 'rejected', phase: 'validate', reason: expect.stringContaining('/policy/config has the field "carry_over"') },
    ]);
    expect(connection.state()).toMatchObject({ state: 'fresh', generation: 2 });
  });

  it('is kept as it was signed, and a restart reads it in the same way', async () => {
    const later = test().signer.config(1, fromLater(consumer('bob'), guarded, newer));
    test().desire(later);
    const connection = await test().start();
    await advanceUntil(() => acks().length === 1, 1);
    expect(await kept()).toEqual(later);
    await connection.stop({ deregister: false });
    await test().start();
    expect(test().restored.map(({ items }) => items)).toEqual([[consumer('bob')]]);
  });

  it('stays amendable: what was not understood is said again', async () => {
    test().desire(test().signer.config(1, fromLater(consumer('bob'), newer)));
    const connection = await test().start();
    await advanceUntil(() => acks().length === 1, 1);
    connection.amend(test().given[0]!.state, applied);
    await advanceUntil(() => acks().length === 2, 1);
    expect(acks()[1]).toEqual(acks()[0]);
  });
});

describe('a restart', () => {
  it('lesson 13: serves what was good before any network traffic, and says that it is stale', async () => {
    const good = test().signer.config(4, [consumer('alice')]);
    test().desire(good);
    await (await runUntilApplied()).stop({ deregister: false });
    test().server.always('register', () => new Error('ECONNREFUSED'));
    const { length } = test().server.calls;
    const connection = await test().start();
    expect(test().server.calls.length - length).toBeLessThanOrEqual(1);
    await connection.firstConfig;
    expect(test().restored).toMatchObject([{ state: { generation: 4, hash: good.hash }, items: good.items }]);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(connection.state()).toMatchObject({ state: 'stale', generation: 4, reason: 'The Control Plane gave no usable answer (registration).' });
  });

  it('applies and acknowledges again what is desired still: it read nothing back yet', async () => {
    test().desire(test().signer.config(4));
    await (await runUntilApplied()).stop({ deregister: false });
    await test().start();
    await advanceUntil(() => acks().length === 2, 1);
    expect(test().given).toHaveLength(2);
  });

  it.each([
    ['cut short', (text: string) => text.slice(0, 100)],
    ['changed', (text: string) => text.replace('alice', 'malic')],
    ['empty', () => ''],
  ])('lesson 11: a file that was %s is moved aside and said, and is not an empty configuration', async (_, spoil) => {
    test().desire(test().signer.config(4, [consumer('alice')]));
    await (await runUntilApplied()).stop({ deregister: false });
    const path = join(test().stateDir, 'last-known-good.json');
    await writeFile(path, spoil(await readFile(path, 'utf8')));
    const connection = await test().start();
    expect(test().restored).toEqual([]);
    expect(connection.state().state).toBe('none');
    expect(await readdir(test().stateDir)).toContain('last-known-good.json.damaged');
    expect(test().said.join()).toContain('cannot be used');
    await advanceUntil(() => connection.state().state === 'fresh', 1);
  });

  it('has a Control Plane that lost its memory give it a new identity, whose generations begin anew', async () => {
    test().desire(test().signer.config(40, [consumer('alice')]));
    await (await runUntilApplied()).stop({ deregister: false });
    const other = createSigner('key-2');
    const id = '6b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11';
    test().server.always('register', () => json({ ...test().registered, gateway_id: id, signing_keys: [other.key] }));
    test().desire(other.config(1, [], id));
    const connection = await test().start();
    expect(connection.state().generation).toBe(40);
    await advanceUntil(() => connection.state().generation === 1, 1);
  });

  it('does not trust signing keys that share none with those before, and does trust a rotation', async () => {
    test().desire(test().signer.config(1));
    await (await runUntilApplied()).stop({ deregister: false });
    const other = createSigner('key-2');
    test().server.always('register', () => json({ ...test().registered, signing_keys: [other.key] }));
    test().desire(other.config(2));
    const connection = await test().start();
    await advanceUntil(() => acks().at(-1).state === 'rejected', 1);
    expect(test().said.join()).toContain('share none');
    await connection.stop({ deregister: false });
    test().server.always('register', () => json({ ...test().registered, signing_keys: [test().signer.key, other.key] }));
    const rotated = await test().start();
    await advanceUntil(() => rotated.state().generation === 2, 1);
  });

  async function runUntilApplied() {
    const connection = await test().start();
    await advanceUntil(() => acks().length > 0, 1);
    return connection;
  }
});

describe('lesson 19: a process that lost its lease', () => {
  it('takes its permit away from an apply in progress, and applies nothing before it registered again', async () => {
    let finish: (() => void) | undefined;
    test().desire(test().signer.config(1));
    test().server.next('heartbeat', problem(409, { code: 'stale_epoch' }));
    const connection = await test().start({
      apply: async (state, permit) => {
        test().given.push({ ...givenOf(state), permit });
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return permit.valid() ? applied : { state: 'rejected', items: [] };
      },
    });
    await advanceUntil(() => test().given.length === 1, 1);
    const { permit } = test().given[0] as Required<Given>;
    expect(permit.valid()).toBe(true);
    await advanceUntil(() => permit.signal.aborted);
    expect([permit.valid(), connection.permit()]).toEqual([false, undefined]);
    finish?.();
    await advanceUntil(() => test().given.length === 2);
    expect(test().server.named('register')).toHaveLength(2);
    expect(test().given[1]!.permit?.valid()).toBe(true);
    finish?.();
  });

  it('stops when its acknowledgement is told stale_epoch', async () => {
    test().desire(test().signer.config(1));
    test().server.next('ack', problem(409, { code: 'stale_epoch' }));
    const connection = await test().start();
    await advanceUntil(() => acks().length === 1, 1);
    expect(connection.permit()).toBeUndefined();
    await advanceUntil(() => acks().length === 2);
    expect(test().server.named('heartbeat').length).toBe(1);
  });
});
