import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { Bench } from '../../subjects/runtime.ts';
import type { RuntimeKind } from '../../subjects/runtime.ts';
import { until } from '../../until.ts';
import type { Suite } from '../case.ts';

const key = 'stoa_gk_the-harness-knows-this-key';

/** What holds for the one runtime that writes to a gateway of somebody else. */
export const connectOnly: Suite<RuntimeKind> = (check) => {
  check(
    ['FAIL-409', 'CONF-011'],
    'lesson 19: fenced, it writes nothing, though it sees drift; with a lease again it reports and repairs it',
    (kind) =>
      Bench.with(kind, async (bench) => {
        bench.needsDataPlane();
        const harness = await bench.startHarness({ key });
        const generation = harness.model.publish(bench.items);
        const running = await bench.start({ controlPlaneUrl: harness.url, key });
        await harness.seen('ackGatewayConfig', { where: ({ body }) => body.generation === generation && body.state === 'applied' });
        const found = await harness.seen('reportObservedState', { where: ({ status }) => status === 204 });
        assert.equal(found.body.target_gateway.type, 'kong');

        harness.always('registerGateway', { kind: 'status', status: 503, retryAfterS: 4 });
        harness.script('heartbeat', { kind: 'status', status: 409, code: 'stale_epoch' });
        await harness.next('heartbeat', ({ status }) => status === 409);
        await harness.seen('registerGateway', { where: ({ status }) => status === 503 });
        const admin = bench.kong.adminUrl;
        const { data } = (await (await fetch(`${admin}/routes`)).json()) as { data: { id: string }[] };
        for (const { id } of data) await fetch(`${admin}/routes/${id}`, { method: 'DELETE' });
        bench.kong.exchanges.length = 0;
        // Three times its interval for looking after drift.
        await delay(3000);
        assert.deepEqual(
          bench.kong.exchanges.filter(({ method }) => method !== 'GET'),
          [],
        );
        assert.ok(await bench.serves(running, false));

        harness.always('registerGateway', undefined);
        await harness.seen('reportObservedState', { where: ({ body }) => body.drift.some(({ kind: what }: { kind: string }) => what === 'missing') });
        await until('the drift is repaired', () => bench.serves(running));
        assert.deepEqual(harness.violations, []);
      }),
  );
};
