import assert from 'node:assert/strict';
import { Bench } from '../../subjects/runtime.ts';
import type { RuntimeKind } from '../../subjects/runtime.ts';
import { until } from '../../until.ts';
import type { Suite } from '../case.ts';

const key = 'stoa_gk_the-harness-knows-this-key';

/** The Control Plane gets new keys to sign with. */
export const signingKeys: Suite<RuntimeKind> = (check) => {
  for (const differences of [true, false]) {
    check(
      ['CONF-019', 'CONF-004', 'RUN-001', 'BEAT-001'],
      `it learns a new signing key by registering again, serves on meanwhile, and starts from disk when the old key is gone ${differences ? '(items)' : '(whole documents)'}`,
      (kind) =>
        Bench.with(kind, async (bench) => {
          const harness = await bench.startHarness({ key, differences });
          const { model } = harness;
          model.publish(bench.items);
          const running = await bench.start({ controlPlaneUrl: harness.url, key });
          await harness.seen('ackGatewayConfig', { where: ({ body }) => body.generation === model.generation });
          assert.ok(await bench.serves(running));

          /** Waits until it has registered again because of `change`, and answers that call. */
          const registersAfter = async (change: () => void) => {
            const from = harness.exchanges.length;
            change();
            return harness.seen('registerGateway', { from, where: ({ status }) => status === 200, withinMs: 40_000 });
          };
          const again = await registersAfter(() => model.rotateSigningKey());
          assert.equal(again.body.boot_id, harness.calls('registerGateway')[0]?.body.boot_id);
          assert.ok(await bench.serves(running), 'it stopped serving when it learnt a key');
          // What it has comes under the new signature, and is the same generation: nothing is acknowledged anew.
          const acks = harness.calls('ackGatewayConfig').length;
          await harness.seen('getGatewayConfig', { from: harness.exchanges.indexOf(again), where: ({ status }) => status === 200 });
          const beat = await harness.next('heartbeat', ({ status }) => status === 200);
          assert.deepEqual([beat.body.lease_epoch, beat.body.config.generation, beat.body.config.state], [1, model.generation, 'applied']);
          assert.equal(harness.calls('ackGatewayConfig').length, acks);

          await registersAfter(() => model.retireSigningKeys());
          await harness.next('heartbeat', ({ status }) => status === 200);
          assert.equal(harness.calls('registerGateway').length, 3, 'it registered again and again');
          await running.kill();
          harness.always('registerGateway', { kind: 'status', status: 503, retryAfterS: 1 });
          const after = await bench.start({ controlPlaneUrl: harness.url, key });
          await until('it serves from disk what the new key signed', () => bench.serves(after));
          assert.deepEqual(harness.violations, []);
        }),
    );
  }
};
