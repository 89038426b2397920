import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiItem, ConfigItem, ConsumerItem, GatewayConfig, ItemAck } from '@stoa/generated/schemas.ts';
import { runtimeContract } from '../../document/contract.ts';
import { Bench } from '../../subjects/runtime.ts';
import type { RuntimeKind } from '../../subjects/runtime.ts';
import { until } from '../../until.ts';
import type { Suite } from '../case.ts';
import { idsOf, offered, subscribed } from './items.ts';

const key = 'stoa_gk_the-harness-knows-this-key';
/** The page lies beside the program once the kit is built. */
const protocol = new URL(`${import.meta.url.endsWith('.ts') ? '../../../' : './'}docs/registration-protocol.md`, import.meta.url);
/** The metrics that the protocol gives a meaning. */
const namedMetrics = new Set(
  [...readFileSync(protocol, 'utf8').matchAll(/^\| (`.+?`) +\|/gm)].flatMap(([, cell = '']) => cell.split(', ').map((name) => name.slice(1, -1))),
);
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** For a generation with members that the contract does not name yet: what is published with a change, be it none, is not held against it. */
const asTomorrow = { whole: (config: GatewayConfig): GatewayConfig => config };

/** What a runtime does while nothing goes wrong, against the harness. */
export const ordinaryLife: Suite<RuntimeKind> = (check) => {
  check(
    ['REG-001', 'REG-009', 'BEAT-001', 'BEAT-004', 'BEAT-009', 'BEAT-010', 'FAIL-999', 'BYE-001'],
    'it registers, beats when told (lesson 7: with metrics that mean the same everywhere), obeys a changed interval, and deregisters',
    (kind) =>
      Bench.with(kind, async (bench) => {
        const harness = await bench.startHarness({ key });
        harness.model.changedIntervalS = 3600;
        const running = await bench.start({ controlPlaneUrl: harness.url, key });
        const registered = await harness.seen('registerGateway');
        const { boot_id, endpoints = {}, ...said } = registered.body;
        assert.deepEqual([said.instance_name, said.gateway_mode, said.environment], [bench.instanceName, kind.mode, 'production']);
        assert.match(boot_id, uuid);
        if (bench.isProduct) assert.equal(endpoints.health, `${running.url}/healthz`);
        // That it is no later than the interval is the client's own test, in fake time.
        const first = await harness.seen('heartbeat');
        assert.equal(first.body.lease_epoch, 1);
        assert.ok(!bench.isProduct || Object.keys(first.body.metrics).length > 0);
        assert.deepEqual(
          Object.keys(first.body.metrics).filter((name) => !namedMetrics.has(name)),
          [],
          'metrics that the protocol gives no meaning',
        );
        await delay(7000);
        assert.equal(harness.calls('heartbeat').length, 1, 'it beats although the interval is an hour now');
        assert.equal(await running.stop(), 0);
        const deregistration = await harness.seen('deregisterGateway');
        assert.deepEqual([deregistration.status, deregistration.query.get('lease_epoch')], [204, '1']);
        assert.equal(harness.calls('registerGateway').length, 1);
        assert.deepEqual(harness.violations, []);
      }),
  );

  check(
    ['CONF-001', 'CONF-004', 'CONF-006', 'CONF-007', 'CONF-009', 'CONF-012', 'CONF-017', 'ACC-002', 'ACC-004', 'RUN-001', 'AUTH-005'],
    'from a server that knows no differences it takes what is published, acknowledges each item, refuses what is bad, holds subscriptions and plans, and removes what is gone',
    (kind) =>
      Bench.with(kind, async (bench) => {
        const harness = await bench.startHarness({ key, differences: false });
        const running = await bench.start({ controlPlaneUrl: harness.url, key });
        const acknowledged = (generation: number) => harness.seen('ackGatewayConfig', { where: ({ body }) => body.generation === generation });
        assert.deepEqual((({ state, items }) => [state, items])((await acknowledged(0)).body), ['applied', []]);
        await until('an empty configuration makes it ready', () => bench.isReady(running, { status: 200 }));

        const { body: applied } = await acknowledged(harness.model.publish(bench.items));
        assert.deepEqual([applied.state, idsOf(applied.items)], ['applied', idsOf(bench.items)]);
        assert.ok(applied.items.every(({ state }: { state: string }) => state === 'applied'));
        assert.ok(await bench.serves(running));

        const forged = harness.model.publish([], {
          whole: (config) => ({ ...config, signature: { ...config.signature, value: 'AAAA' } }),
        });
        assert.equal((await acknowledged(forged)).body.state, 'rejected');
        const misshapen = harness.model.publish(bench.items, {
          whole: (config) => ({ ...config, items: config.items.map((item) => ({ ...item, kind: 'route' })) }),
        });
        const { body: rejected } = await acknowledged(misshapen);
        assert.deepEqual([rejected.state, idsOf(rejected.items)], ['rejected', idsOf(bench.items)]);
        assert.ok(rejected.items.every(({ phase, reason }: { phase: string; reason: string }) => phase === 'validate' && reason.length > 0));
        assert.ok(await bench.serves(running), 'a bad generation took away what was served');
        assert.ok(await bench.isReady(running, { status: 200, generation: 1 }));
        const beat = await harness.next('heartbeat');
        assert.deepEqual([beat.body.config.generation, beat.body.config.state], [1, 'rejected']);

        await probesConform(bench, running);
        if (bench.isProduct) await asksWhoCalls(bench, running);
        const { features } = (await harness.seen('registerGateway')).body as { features: string[] };
        assert.ok(['subscriptions', 'plans'].every((feature) => features.includes(feature)));
        const [api, consumer] = bench.items as [ApiItem, ConsumerItem];
        const closed = subscribed(api, consumer);
        for (const subscription of [[closed.subscription], []]) {
          const items = [closed.api, closed.keys, consumer, ...subscription];
          assert.equal((await acknowledged(harness.model.publish(items))).body.state, 'applied');
          assert.ok(await bench.serves(running, subscription.length > 0), `with ${subscription.length} subscriptions`);
        }
        // What a gateway cannot limit is not served to whom it is to limit.
        for (const [limit, state] of [[undefined, 'applied'] as const, [1, kind.servesMcp ? 'applied' : 'rejected'] as const]) {
          const [plan, subscription] = offered(closed.api, consumer, limit);
          const { body } = await acknowledged(harness.model.publish([closed.api, closed.keys, consumer, plan, subscription]));
          const told = (body.items as ItemAck[]).find(({ id }) => id === plan.id)?.state;
          if (bench.isProduct) assert.equal(told, state);
          else assert.ok(told === 'applied' || told === 'rejected');
          assert.ok(await bench.serves(running, state === 'applied'), `in a plan of ${limit ?? 'any number of'} calls`);
        }
        assert.ok(await bench.serves(running, false), 'beyond the limit of the plan');
        const revoked = { ...consumer, keys: [] };
        for (const [name, items, isServed] of [
          ['an item of a new kind', [api, closed.keys, consumer, closed.newer], true],
          ['a revoked key beside it', [api, closed.keys, revoked, closed.newer], false],
          ['the key again', [api, closed.keys, consumer, closed.newer], true],
          ['a policy with a new field', [api, closed.keys, consumer, closed.newerPolicy], false],
        ] as const) {
          const { body } = await acknowledged(harness.model.publish(items as unknown as ConfigItem[], asTomorrow));
          const [first, , third, newer] = items.map(({ id }) => (body.items as ItemAck[]).find((item) => item.id === id));
          assert.deepEqual([body.state, newer?.state, newer?.phase], ['applied_with_warnings', 'rejected', 'validate'], name);
          assert.deepEqual([first?.state !== 'rejected', third?.state], [newer?.id !== closed.newerPolicy.id, 'applied'], name);
          assert.ok(await bench.serves(running, isServed), name);
        }
        assert.equal((await acknowledged(harness.model.publish([]))).body.state, 'applied');
        assert.ok(await bench.serves(running, false));
        assert.ok(harness.calls('getGatewayConfig').every(({ query }) => !query.has('base')));
        assert.deepEqual(harness.violations, []);
      }),
  );
};

export async function probesConform(bench: Bench, running: Parameters<Bench['probe']>[0]): Promise<void> {
  if (!bench.seesProbes(running)) return;
  if (!bench.isProduct) {
    for (const id of ['getHealth', 'getReadiness']) assert.equal((await bench.probe(running, id)).status, 200, id);
    return;
  }
  for (const id of ['getHealth', 'getReadiness', 'getVersion', 'getMetrics']) assert.equal((await bench.probe(running, id)).status, 200, id);
  const version = JSON.parse((await bench.probe(running, 'getVersion')).text) as Record<string, unknown>;
  assert.deepEqual([version['product'], version['gateway_mode'], version['contract_revision']], [bench.kind.product, bench.kind.mode, 1]);
}

/** Public operations that Connect has not: it says nothing of callers, and has no keys to say it by. */
const unlessConnect: ReadonlySet<string> = new Set(['getRuntimeKeySet']);

/** Every operation of the runtime's document that is not public refuses a stranger, or is not served by this runtime at all. */
async function asksWhoCalls(bench: Bench, running: Parameters<Bench['probe']>[0]): Promise<void> {
  for (const { id, method, path, operation } of runtimeContract.entries) {
    const url = `${running.url}${path.replace('{original_path}', 'orders')}`;
    const isPublic = operation.security.length === 0;
    assert.equal((operation['x-stoa-public'] ?? '').length > 10, isPublic, id);
    const toStrangers = isPublic ? (unlessConnect.has(id) && !bench.kind.servesMcp ? 404 : 200) : bench.kind.name === 'link' ? 401 : 404;
    for (const headers of [{}, { authorization: 'Bearer garbage' }, { authorization: 'Basic Z2FyYmFnZTpnYXJiYWdl' }]) {
      const { status } = await fetch(url, {
        method: method.toUpperCase(),
        headers: { ...headers, 'x-original-method': 'GET', 'x-original-uri': '/orders' },
      });
      assert.equal(status, toStrangers, `${id} with ${JSON.stringify(headers)}`);
    }
  }
}
