import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { UsageReceipt, UsageReport } from '@stoa/generated/schemas.ts';
import type { ControlPlane } from '../../subjects/over-http.ts';
import type { Suite } from '../case.ts';
import { register } from './samples.ts';

const record = (api_id: string, given: Record<string, unknown> = {}) => ({
  window_start: new Date().toISOString(),
  api_id,
  operation_id: 'listPets',
  door: 'mcp',
  calls: 3,
  errors: 1,
  denied: 1,
  duration_ms: 4.5,
  ...given,
});

const callsTo = async (controlPlane: ControlPlane, api_id: string): Promise<number> => {
  const to = new Date(Date.now() + 60_000).toISOString();
  const { body } = await controlPlane.call<UsageReport>('getUsage', { query: { api_id, to } });
  return body.items.reduce((sum, { calls }) => sum + calls, 0);
};

const counted = async (controlPlane: ControlPlane, api_id: string, calls: number): Promise<void> => {
  if (controlPlane.hasOperator) assert.equal(await callsTo(controlPlane, api_id), calls);
};

export const usage: Suite<ControlPlane> = (check) => {
  check(['USE-001'], 'lesson 30: a batch is counted once, however often and however close together it is sent', async (controlPlane) => {
    const { gateway_id, lease_epoch } = await register(controlPlane);
    const api_id = randomUUID();
    const boot_id = randomUUID();
    const send = (seq: number) =>
      controlPlane.call<UsageReceipt>('reportUsage', {
        path: { gateway_id },
        body: { lease_epoch, boot_id, seq, records: [record(api_id), record(api_id, { operation_id: 'getPet' })] },
      });
    const replies = await Promise.all([send(0), send(0), send(0)]);
    assert.equal(replies.filter(({ body }) => !body.duplicate).length, 1);
    assert.deepEqual((await send(0)).body, { duplicate: true });
    await counted(controlPlane, api_id, 6);
    assert.deepEqual((await send(1)).body, { duplicate: false });
    await counted(controlPlane, api_id, 12);
  });

  check(['USE-001'], 'the same number of another process or another gateway is another batch', async (controlPlane) => {
    const api_id = randomUUID();
    const boot_id = randomUUID();
    const [one, two] = await Promise.all([register(controlPlane), register(controlPlane)]);
    const send = (gateway_id: string, boot: string) =>
      controlPlane.call<UsageReceipt>('reportUsage', { path: { gateway_id }, body: { boot_id: boot, seq: 7, records: [record(api_id)] } });
    for (const { body } of [await send(one.gateway_id, boot_id), await send(two.gateway_id, boot_id), await send(one.gateway_id, randomUUID())])
      assert.equal(body.duplicate, false);
    await counted(controlPlane, api_id, 9);
  });

  check(['USE-001'], 'two records of one key in a batch are both counted', async (controlPlane) => {
    const { gateway_id } = await register(controlPlane);
    const api_id = randomUUID();
    const one = record(api_id);
    await controlPlane.call('reportUsage', { path: { gateway_id }, body: { boot_id: randomUUID(), seq: 0, records: [one, one] } });
    assert.equal(await callsTo(controlPlane, api_id), 6);
  });
};
