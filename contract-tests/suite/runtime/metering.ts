import assert from 'node:assert/strict';
import { Bench } from '../../subjects/runtime.ts';
import type { RuntimeKind } from '../../subjects/runtime.ts';
import { until } from '../../until.ts';
import type { Suite } from '../case.ts';

const key = 'stoa_gk_the-harness-knows-this-key';

/** Gateway and Link only: Connect is not on the path of any call. */
export const metering: Suite<RuntimeKind> = (check) => {
  check(['USE-001'], 'lesson 30: calls are counted once, although the answer to the first report is lost and the second is refused', (kind) =>
    Bench.with(kind, async (bench) => {
      bench.needsDataPlane();
      const harness = await bench.startHarness({ key });
      const generation = harness.model.publish(bench.items);
      harness.script('reportUsage', { kind: 'lost-reply' }, { kind: 'status', status: 503, retryAfterS: 1 });
      const running = await bench.start({ controlPlaneUrl: harness.url, key });
      await harness.seen('ackGatewayConfig', { where: ({ body }) => body.generation === generation });
      const call = async (times: number): Promise<void> => {
        for (let count = 0; count < times; count += 1) assert.ok(await bench.serves(running));
      };
      const counted = (): number => harness.model.counted.reduce((sum, { calls }) => sum + calls, 0);
      await call(3);
      await harness.seen('reportUsage', { where: ({ status }) => status === 200, withinMs: 30_000 });
      await until('the calls are counted', async () => counted() === 3);
      const reports = harness.calls('reportUsage');
      const keyOf = ({ body }: (typeof reports)[number]): string => `${body.boot_id} ${body.seq}`;
      assert.deepEqual([reports[0]?.status, reports[1]?.status], ['cut', 503]);
      assert.ok(reports.slice(0, 3).every((report) => keyOf(report) === keyOf(reports[0] as typeof report)));
      // What is open when the process is told to stop is handed over before it goes.
      await call(2);
      assert.equal(await running.stop(), 0);
      assert.equal(counted(), 5);
      assert.deepEqual(new Set(harness.model.counted.map(({ operation_id, door }) => `${operation_id} ${door}`)), new Set(['listOrders mcp']));
      assert.deepEqual(harness.violations, []);
    }),
  );
};
