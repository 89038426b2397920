import assert from 'node:assert/strict';
import { Bench } from '../../subjects/runtime.ts';
import type { RuntimeKind } from '../../subjects/runtime.ts';
import { until } from '../../until.ts';
import type { Suite } from '../case.ts';
import { probesConform } from './ordinary-life.ts';

const key = 'stoa_gk_the-harness-knows-this-key';

export const alone: Suite<RuntimeKind> = (check) => {
  check(
    ['CONF-010', 'RUN-001', 'RUN-002'],
    'lessons 13 and 28: killed, and started again with no Control Plane anywhere, it is ready and serves',
    (kind) =>
      Bench.with(kind, async (bench) => {
        const harness = await bench.startHarness({ key });
        const target = { controlPlaneUrl: harness.url, key };
        const before = await bench.start(target);
        // What was bad must not have replaced what was good on disk.
        const good = harness.model.publish(bench.items);
        await harness.seen('ackGatewayConfig', { where: ({ body }) => body.generation === good });
        const bad = harness.model.publish([], {
          difference: ({ manifest, lines }) => ({ manifest: { ...manifest, hash: `sha256:${'0'.repeat(64)}` }, lines }),
        });
        await harness.seen('ackGatewayConfig', { where: ({ body }) => body.generation === bad && body.state === 'rejected' });
        await until('it serves', () => bench.serves(before));
        await harness.close();
        assert.ok(await bench.serves(before), 'the Control Plane took what is served away with it');
        assert.ok(await bench.isReady(before, { status: 200 }));
        await before.kill();

        const after = await bench.start(target);
        await until('it is ready', () => bench.isReady(after, { status: 200 }));
        assert.ok(await bench.isReady(after, { status: 200, state: 'stale', generation: good }));
        assert.ok(await bench.serves(after));
        await probesConform(bench, after);
        assert.equal(await after.stop(), 0);
        assert.deepEqual(harness.violations, []);
      }),
  );
};
