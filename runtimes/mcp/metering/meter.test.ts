import type { UsageRecord } from '@stoa/generated/schemas.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createMeter } from './meter.ts';
import type { CallMetering, UsagePart, UsageSink } from './meter.ts';
import { apiItem, compile, configOf } from '../testing/fixtures.ts';

const log = createLogger({ program: 'test', level: 'silent' });
const [api] = compile(configOf(apiItem())).snapshot.apis.values();
const operation = api?.operations[0];
const call: CallMetering = {
  door: 'mcp',
  operation,
  consumerId: 'c',
  keyId: undefined,
  outcome: 'ok',
  durationMs: 1.5,
  requestBytes: 3,
  responseBytes: 4,
};

/** That many calls of at most 2.5 ms and more than 1. */
const took = (calls: number): number[] => [0, 0, calls, ...Array<number>(13).fill(0)];

let taken: UsageRecord[];
/** The calls of each record, by note. */
let notes: number[][];
const spool: UsageSink = {
  open() {
    let noted: readonly UsageRecord[] = [];
    return {
      async note(records) {
        noted = records;
        notes.push(records.map(({ calls }) => calls));
      },
      close: async (records = noted) => void taken.push(...records),
    };
  },
};

beforeEach(() => {
  taken = [];
  notes = [];
  vi.useFakeTimers({ now: Date.parse('2026-11-22T18:24:07.000Z') });
});
afterEach(() => void vi.useRealTimers());

it('rounds the durations of a window once, to a microsecond', async () => {
  const meter = createMeter({ spool, log });
  for (const durationMs of [0.1, 0.2, 0.0004, 0.0004]) meter.record({ ...call, durationMs });
  await meter.close();
  expect(taken.map(({ duration_ms: duration }) => duration)).toEqual([0.301]);
});

it('adds calls up in windows aligned to the clock and hands each over when it is over', async () => {
  const meter = createMeter({ spool, log });
  meter.record(call);
  meter.record({ ...call, outcome: 'upstream_error' });
  meter.record({ ...call, door: 'authz', outcome: 'rate_limited' });
  expect(taken).toEqual([]);
  vi.setSystemTime('2026-11-22T18:24:10.000Z');
  meter.record(call);
  await meter.flush();
  const common = { window_start: '2026-11-22T18:24:00.000Z', api_id: api?.id, operation_id: 'getOrder', consumer_id: 'c' };
  expect(taken).toEqual([
    { ...common, door: 'mcp', calls: 2, errors: 1, denied: 0, duration_ms: 3, request_bytes: 6, response_bytes: 8, latency: took(2) },
    {
      ...common,
      door: 'authz',
      calls: 1,
      errors: 0,
      denied: 1,
      duration_ms: 1.5,
      request_bytes: 3,
      response_bytes: 4,
      latency: took(1),
      refusals: [{ reason: 'rate_limited', calls: 1 }],
    },
  ]);
  await meter.close();
  expect(taken[2]).toMatchObject({ window_start: '2026-11-22T18:24:10.000Z', calls: 1 });
});

it('tells of each key once, in the record of the first call by it, and of no more than a record may', async () => {
  const meter = createMeter({ spool, log });
  const keys = Array.from({ length: 66 }, (_, n) => `key-${n}`);
  for (const keyId of ['key-0', 'key-0', ...keys]) meter.record({ ...call, keyId });
  vi.setSystemTime('2026-11-22T18:24:10.000Z');
  for (const keyId of keys) meter.record({ ...call, keyId });
  meter.record({ ...call, keyId: 'key-0', consumerId: 'other' });
  await meter.close();
  expect(taken.map(({ new_key_ids: told }) => told)).toEqual([keys.slice(0, 64), ['key-64', 'key-65'], undefined]);
});

it('writes down what changed within 50 ms of a call, and nothing while nobody calls', async () => {
  const meter = createMeter({ spool, log });
  meter.record(call);
  meter.record(call);
  meter.record({ ...call, door: 'authz' });
  await vi.advanceTimersByTimeAsync(50);
  meter.record({ ...call, door: 'authz' });
  await vi.advanceTimersByTimeAsync(50);
  await vi.advanceTimersByTimeAsync(1000);
  expect(notes).toEqual([[2, 1], [2]]);
  await meter.close();
});

it('hands over at once what fills a batch, and counts on in the next', async () => {
  const meter = createMeter({ spool, log });
  for (let n = 0; n < 1001; n += 1) meter.record({ ...call, consumerId: `c${n}` });
  await vi.advanceTimersByTimeAsync(0);
  expect(taken).toHaveLength(1000);
  await meter.close();
  expect(taken).toHaveLength(1001);
});

it('hands over by itself', async () => {
  const meter = createMeter({ spool, log });
  meter.record(call);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(taken).toHaveLength(1);
  await meter.close();
});

it('lesson 30: what the spool refuses is kept and handed over once, later', async () => {
  let failing = true;
  const full = (): Promise<never> => Promise.reject(new Error('disk full'));
  const open = (): UsagePart => {
    const part = spool.open();
    return { note: (records) => (failing ? full() : part.note(records)), close: (records) => (failing ? full() : part.close(records)) };
  };
  const meter = createMeter({ log, spool: { open } });
  meter.record(call);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await meter.registry.metrics()).toContain('stoa_usage_records_waiting 1');
  failing = false;
  await meter.flush();
  await meter.flush();
  expect(taken).toHaveLength(1);
  expect(await meter.registry.metrics()).toContain('stoa_usage_records_waiting 0');
  await meter.close();
});

it('counts calls that mean no operation to whoever made them, and where nobody is known as refusals and in the metrics alone', async () => {
  const meter = createMeter({ spool, log });
  meter.setGeneration(4);
  meter.record({ ...call, operation: undefined, outcome: 'unknown', consumerId: undefined });
  const known = { ...call, door: 'authz', operation: undefined, outcome: 'unknown' } as const;
  meter.record(known);
  meter.record(known);
  await meter.close();
  const nothing = { api_id: '00000000-0000-0000-0000-000000000000', operation_id: '' };
  expect(taken).toMatchObject([
    { ...nothing, door: 'mcp', calls: 0, denied: 0, refusals: [{ reason: 'unknown', calls: 1 }] },
    { ...nothing, door: 'authz', calls: 2, denied: 2, refusals: [{ reason: 'unknown', calls: 2 }] },
  ]);
  const metrics = await meter.registry.metrics();
  expect(metrics).toContain('stoa_calls_total{door="mcp",outcome="unknown"} 1');
  expect(metrics).toContain('stoa_snapshot_generation 4');
  expect(metrics).toContain('stoa_call_duration_seconds_count{door="mcp"} 1');
});

it('tells why calls were refused, with the number of each reason and from where the first came', async () => {
  const meter = createMeter({ spool, log });
  const refused = (outcome: CallMetering['outcome'], address?: string): void => meter.record({ ...call, outcome, addressOf: () => address });
  meter.record({ ...call, addressOf: () => '192.0.2.1' });
  refused('rate_limited', '192.0.2.7');
  refused('rate_limited', '192.0.2.8');
  refused('forbidden');
  await meter.close();
  const refusals = [
    { reason: 'rate_limited', calls: 2, address: '192.0.2.7' },
    { reason: 'forbidden', calls: 1 },
  ];
  expect(taken).toMatchObject([{ calls: 4, denied: 3, refusals }]);
});

it('tells kinds of what is forbidden and the policies that refused apart, of a bounded number of policies', async () => {
  const meter = createMeter({ spool, log });
  const refused = (kind: string, policy?: string, outcome: CallMetering['outcome'] = 'forbidden'): void =>
    meter.record({ ...call, outcome, decided: { kind, ...(policy !== undefined && { policy }) } });
  refused('time_refused', 'office-hours');
  refused('not_permitted', 'refunds');
  refused('not_permitted', 'refunds');
  refused('address_refused');
  refused('rate_limited', 'a', 'rate_limited');
  for (const policy of ['b', 'c', 'd', 'a']) refused('rate_limited', policy, 'rate_limited');
  await meter.close();
  expect(taken[0]?.refusals).toEqual([
    { reason: 'time_refused', policy: 'office-hours', calls: 1 },
    { reason: 'not_permitted', policy: 'refunds', calls: 2 },
    { reason: 'address_refused', calls: 1 },
    { reason: 'rate_limited', policy: 'a', calls: 2 },
    { reason: 'rate_limited', policy: 'b', calls: 1 },
    { reason: 'rate_limited', calls: 2 },
  ]);
});
