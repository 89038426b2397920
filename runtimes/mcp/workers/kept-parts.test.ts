import type { UsageRecord } from '@stoa/generated/schemas.ts';
import { expect, it } from 'vitest';
import { collectingIn } from '../testing/collected-usage.ts';
import { KeptParts } from './kept-parts.ts';

const record = (calls: number): UsageRecord => ({
  window_start: '2026-11-22T18:24:00.000Z',
  api_id: '0b0c5d0e-1111-4222-8333-444455556666',
  operation_id: 'getOrder',
  door: 'mcp',
  calls,
  errors: 0,
  denied: 0,
  duration_ms: 1,
});

it('counts what a worker that ended had noted and not handed over, and what it had handed over once', async () => {
  const usage: UsageRecord[] = [];
  const parts = new KeptParts(collectingIn(usage));
  await parts.note({ part: 1, records: [record(1)] });
  await parts.close({ part: 1, records: [record(2)] });
  await parts.note({ part: 2, records: [record(3)] });
  await parts.closeAll();
  await parts.closeAll();
  expect(usage.map(({ calls }) => calls)).toEqual([2, 3]);
});
