import assert from 'node:assert/strict';
import { Bench } from '../../subjects/runtime.ts';
import type { RuntimeKind } from '../../subjects/runtime.ts';
import type { Suite } from '../case.ts';

const key = 'stoa_gk_the-harness-knows-this-key';

/** ADR-057 and nothing else: all that is asked of a client at the level `adr`. */
export const twoCalls: Suite<RuntimeKind> = (check) => {
  check(
    ['REG-001', 'BEAT-001', 'BEAT-004', 'BEAT-009'],
    'it registers with the five fields, and beats with the three, at the interval that the server gave',
    (kind) =>
      Bench.with(kind, async (bench) => {
        const harness = await bench.startHarness({ key, personality: 'adr-only' });
        await bench.start({ controlPlaneUrl: harness.url, key });
        const registered = await harness.seen('registerGateway', { where: ({ status }) => status === 200 });
        const { instance_name, gateway_mode, environment } = registered.body;
        if (bench.isStarted) assert.deepEqual([instance_name, environment], [bench.instanceName, 'production']);
        assert.equal(gateway_mode, kind.mode);
        const { gateway_id } = JSON.parse(registered.answer) as { gateway_id: string };
        const first = await harness.seen('heartbeat', { where: ({ status }) => status === 200 });
        const second = await harness.next('heartbeat', ({ status }) => status === 200);
        assert.ok(
          [first, second].every(({ path }) => path.includes(gateway_id)),
          'it beats under another id than it was given',
        );
        assert.ok(second.body['uptime_s'] - first.body['uptime_s'] >= 4, 'two heartbeats came closer than the interval less a tenth');
        assert.equal(harness.calls('registerGateway').length, 1, 'it registered more than once although it was never told to');
        assert.deepEqual(harness.violations, []);
      }),
  );
};
