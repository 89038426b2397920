import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readFile, readdir, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UsageRecord } from '@stoa/generated/schemas.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { advanceUntil, json, problem } from './testing/fake-control-plane.ts';
import { createTestConnection } from './testing/test-connection.ts';
import type { TestConnection } from './testing/test-connection.ts';
import type { UsageSpool } from './types.ts';
import { DiskUsageSpool } from './usage-spool.ts';

let test: TestConnection;

beforeEach(() => {
  vi.useFakeTimers();
  test = createTestConnection();
});

afterEach(async () => {
  await test.end();
  vi.useRealTimers();
});

function record(calls: number): UsageRecord {
  return {
    window_start: '2026-11-22T18:24:00.000Z',
    api_id: '0b0c5d0e-1111-4222-8333-444455556666',
    operation_id: 'getOrder',
    door: 'mcp',
    calls,
    errors: 0,
    denied: 0,
    duration_ms: 1,
  };
}

const log = createLogger({ program: 'test', level: 'silent' });
const append = (spool: UsageSpool, records: UsageRecord[]) => spool.open().close(records);
const batches = () => test.server.named('usage').map(({ body }) => body);
const files = async () => (await readdir(join(test.stateDir, 'usage'))).filter((name) => name.endsWith('.json'));
const callsOf = (body: { records: UsageRecord[] }) => body.records.map(({ calls }) => calls);

/** The calls of every batch that a new process finds; it settles them. */
async function found(): Promise<number[]> {
  const spool = await DiskUsageSpool.open({ stateDir: test.stateDir, bootId: randomUUID(), log });
  const calls: number[] = [];
  for (let oldest = await spool.takeOldest(); oldest !== undefined; oldest = await spool.takeOldest()) {
    calls.push(...callsOf(oldest.batch));
    await spool.settle(oldest.name);
  }
  return calls;
}

describe('lesson 30: usage', () => {
  it('is on disk when it counts as taken, and gone when the Control Plane has counted it', async () => {
    const connection = await test.start();
    const appended = append(connection.usage, [record(3)]);
    await appended;
    expect(await files()).toHaveLength(1);
    expect((await stat(join(test.stateDir, 'usage', (await files())[0]!))).mode & 0o777).toBe(0o600);
    await advanceUntil(() => connection.usage.stats().sent === 1, 1);
    expect(batches()[0]).toMatchObject({ lease_epoch: 1, boot_id: connection.bootId, seq: 0, records: [record(3)] });
    expect(await files()).toEqual([]);
  });

  it('is sent again with the same key until it is acknowledged, in the order it was made', async () => {
    test.server.next('usage', new Error('ECONNRESET'), problem(503), problem(500), problem(401), problem(429));
    const connection = await test.start();
    await append(connection.usage, [record(1)]);
    await append(connection.usage, [record(2)]);
    await advanceUntil(() => connection.usage.stats().sent === 2);
    expect(batches().map(({ seq }) => seq)).toEqual([0, 0, 0, 0, 0, 0, 1]);
  });

  it('of a process that was killed is sent by the next one, with the key that it was made with', async () => {
    test.server.always('usage', () => problem(503));
    const first = await test.start();
    await append(first.usage, [record(1)]);
    await first.stop({ deregister: false });
    test.server.always('usage', () => json({ duplicate: true }));
    const second = await test.start();
    await append(second.usage, [record(2)]);
    await advanceUntil(() => second.usage.stats().waiting === 0);
    expect(
      batches()
        .slice(-2)
        .map((batch) => [batch.boot_id, batch.seq, callsOf(batch)]),
    ).toEqual([
      [first.bootId, 0, [1]],
      [second.bootId, 0, [2]],
    ]);
  });

  it.each([400, 409, 413, 415, 422])('that is refused with %s is put aside, and does not block what is behind it', async (status) => {
    test.server.next('usage', problem(status, { detail: 'not this one' }));
    const connection = await test.start();
    await append(connection.usage, [record(1)]);
    await append(connection.usage, [record(2)]);
    await advanceUntil(() => connection.usage.stats().sent === 1, 1);
    expect(connection.usage.stats()).toMatchObject({ waiting: 0, quarantined: 1 });
    expect(await readdir(join(test.stateDir, 'usage', 'quarantine'))).toHaveLength(1);
    expect(test.said.join()).toContain('not this one');
  });

  it('waits while the process is fenced, and goes on under the next lease', async () => {
    test.server.next('usage', problem(409, { code: 'stale_epoch' }));
    test.server.next('heartbeat', problem(409, { code: 'stale_epoch' }));
    const connection = await test.start();
    await append(connection.usage, [record(1)]);
    await advanceUntil(() => connection.usage.stats().sent === 1, 100);
    expect(test.server.named('register')).toHaveLength(2);
    expect(batches().map(({ seq }) => seq)).toEqual([0, 0]);
  });

  it.each([405, 501])('waits where the Control Plane says with %s that it has no such call', async (status) => {
    test.server.always('usage', () => problem(status));
    const connection = await test.start();
    await append(connection.usage, [record(1)]);
    await advanceUntil(() => batches().length === 3);
    expect(connection.usage.stats()).toMatchObject({ waiting: 1, quarantined: 0 });
  });

  it('waits where the Control Plane has no such call, and asks rarely', async () => {
    test.server.always('usage', () => problem(404));
    const connection = await test.start();
    await append(connection.usage, [record(1)]);
    await vi.advanceTimersByTimeAsync(10);
    await advanceUntil(() => performance.now() > test.server.calls[0]!.atMs + 3_600_000, 30_000);
    expect(batches().length).toBeLessThan(16);
    expect(connection.usage.stats()).toMatchObject({ waiting: 1, dropped: 0 });
  });

  it('in a file that was damaged is put aside', async () => {
    const spool = await DiskUsageSpool.open({ stateDir: test.stateDir, bootId: randomUUID(), log });
    await append(spool, [record(1)]);
    await append(spool, [record(2)]);
    await writeFile(join(test.stateDir, 'usage', (await files()).sort()[0]!), '{"boot');
    const next = await DiskUsageSpool.open({ stateDir: test.stateDir, bootId: randomUUID(), log });
    expect(callsOf((await next.takeOldest())!.batch)).toEqual([2]);
    expect(next.stats()).toMatchObject({ waiting: 1, quarantined: 1 });
  });

  it('beyond the bound drops the oldest that is not being sent, and counts what is lost', async () => {
    const spool = await DiskUsageSpool.open({ stateDir: test.stateDir, bootId: randomUUID(), log, maxBytes: 1000 });
    await append(spool, [record(1)]);
    const inFlight = await spool.takeOldest();
    for (const calls of [10, 100, 1000]) await append(spool, [record(calls)]);
    expect(spool.stats()).toMatchObject({ dropped: 1, droppedCalls: 10, waiting: 3 });
    expect(spool.stats().bytes).toBeLessThanOrEqual(1000);
    await spool.settle(inFlight!.name);
    expect(callsOf((await spool.takeOldest())!.batch)).toEqual([100]);
    expect(await files()).toHaveLength(2);
  });

  it('that could not be written is taken once, when it is closed again', async () => {
    const bootId = randomUUID();
    const spool = await DiskUsageSpool.open({ stateDir: test.stateDir, bootId, log });
    const obstacle = join(test.stateDir, 'usage', `${String(Date.now()).padStart(15, '0')}-${bootId}-0000000000.json`);
    await mkdir(obstacle);
    const part = spool.open();
    await part.note([record(1)]);
    const [first, second] = await Promise.allSettled([part.close([record(2)]), append(spool, [record(7)])]);
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
    expect(spool.stats().waiting).toBe(1);
    await rmdir(obstacle);
    await part.close([record(2)]);
    expect(await found()).toEqual([2, 7]);
  });

  it('that a process noted before it was killed is counted by the next one, each record as it was noted last', async () => {
    const bootId = randomUUID();
    const spool = await DiskUsageSpool.open({ stateDir: test.stateDir, bootId, log });
    const part = spool.open();
    await part.note([record(1), { ...record(5), operation_id: 'other' }]);
    await part.note([record(3)]);
    // The rest of a line that it was killed over.
    await appendFile(
      join(test.stateDir, 'usage/open', (await readdir(join(test.stateDir, 'usage/open')))[0]!),
      JSON.stringify(record(4)).slice(0, 90),
    );
    const next = await DiskUsageSpool.open({ stateDir: test.stateDir, bootId: randomUUID(), log });
    expect((await next.takeOldest())?.batch).toEqual({ boot_id: bootId, seq: 0, records: [record(3), { ...record(5), operation_id: 'other' }] });
    expect(await readdir(join(test.stateDir, 'usage/open'))).toEqual([]);
  });

  it('of a batch whose journal was left when the process was killed is not made a second time', async () => {
    const spool = await DiskUsageSpool.open({ stateDir: test.stateDir, bootId: randomUUID(), log });
    const part = spool.open();
    await part.note([record(1)]);
    const [journal] = await readdir(join(test.stateDir, 'usage/open'));
    const noted = await readFile(join(test.stateDir, 'usage/open', journal!));
    await part.close([record(2)]);
    await writeFile(join(test.stateDir, 'usage/open', journal!), noted);
    expect(await found()).toEqual([2]);
    expect(await found()).toEqual([]);
  });

  it('that was noted and never closed is what was noted, when it is closed without more', async () => {
    const spool = await DiskUsageSpool.open({ stateDir: test.stateDir, bootId: randomUUID(), log });
    const part = spool.open();
    const noted = part.note([record(6)]);
    await Promise.all([noted, part.close(), part.close()]);
    expect(await found()).toEqual([6]);
  });

  it('in a file that cannot be read is put aside, and does not block what is behind it', async () => {
    const spool = await DiskUsageSpool.open({ stateDir: test.stateDir, bootId: randomUUID(), log });
    await append(spool, [record(1)]);
    await append(spool, [record(2)]);
    const [first] = (await files()).sort();
    await rm(join(test.stateDir, 'usage', first!));
    await mkdir(join(test.stateDir, 'usage', first!));
    expect((await spool.takeOldest())?.batch.records).toEqual([record(2)]);
    expect(spool.stats()).toMatchObject({ quarantined: 1, waiting: 1 });
  });

  it('of more records than a server may take at once is refused', async () => {
    const spool = await DiskUsageSpool.open({ stateDir: test.stateDir, bootId: randomUUID(), log });
    await expect(
      append(
        spool,
        Array.from({ length: 1001 }, () => record(1)),
      ),
    ).rejects.toThrow('at most 1000 records, and not 1001');
  });

  it('is handed over before the process deregisters', async () => {
    const connection = await test.start();
    await advanceUntil(() => connection.permit() !== undefined, 1);
    await append(connection.usage, [record(1)]);
    let stopped = false;
    const stopping = connection.stop({ deregister: true }).then(() => {
      stopped = true;
    });
    await advanceUntil(() => stopped, 1);
    await stopping;
    expect(test.server.calls.map(({ name }) => name).slice(-2)).toEqual(['usage', 'deregister']);
    expect(connection.permit()).toBeUndefined();
  });
});

describe('a report of what a third-party gateway holds', () => {
  it('is sent with the epoch, and replaced by a newer one while it waits', async () => {
    test.server.next('observed', problem(503));
    const connection = await test.start();
    const report = (name: string) => ({ apis: [{ name, managed: false }], drift: [] });
    connection.observed(report('first'));
    await advanceUntil(() => test.server.named('observed').length === 1, 1);
    connection.observed(report('second'));
    await advanceUntil(() => test.server.named('observed').length === 2);
    expect(test.server.named('observed')[1]?.body).toEqual({ lease_epoch: 1, ...report('second') });
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(test.server.named('observed')).toHaveLength(2);
  });
});
