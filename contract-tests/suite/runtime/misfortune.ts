import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { RecordedCall } from '../../harness/harness.ts';
import { Bench } from '../../subjects/runtime.ts';
import type { RuntimeKind } from '../../subjects/runtime.ts';
import { until } from '../../until.ts';
import type { Suite } from '../case.ts';

const key = 'stoa_gk_the-harness-knows-this-key';
const otherKey = 'stoa_gk_nobody-knows-this-key';
// Longer than an interval and its tenth: a runtime that is not silent would have been heard.
const silenceMs = 6500;
// By its own clock, in whole seconds: how far apart two heartbeats arrive says little on a busy machine.
const secondsBetween = (one: RecordedCall, next: RecordedCall): number => next.body['uptime_s'] - one.body['uptime_s'];
const retryAfterMs = 3000;
/** Timers are early by a millisecond at times. */
const waitedSince = (refused: RecordedCall | undefined, next: RecordedCall | undefined): boolean =>
  refused !== undefined && next !== undefined && next.atMs - refused.answeredAtMs >= retryAfterMs - 5;

export const misfortune: Suite<RuntimeKind> = (check) => {
  check(
    ['REG-014', 'REG-015', 'AUTH-006', 'FAIL-000'],
    'lessons 2 and 3: it registers in the end, through resets, a wrong key, overload, nonsense and a lost answer',
    (kind) =>
      Bench.with(kind, async (bench) => {
        const harness = await bench.startHarness({ key });
        harness.script('registerGateway', { kind: 'reset' });
        const running = await bench.start({ controlPlaneUrl: harness.url, key: otherKey });
        await harness.seen('registerGateway', { where: ({ status }) => status === 401 });
        harness.script(
          'registerGateway',
          { kind: 'status', status: 503, retryAfterS: 1 },
          { kind: 'malformed', text: '<html>' },
          { kind: 'lost-reply' },
        );
        await bench.writeKey(key);
        const registered = await harness.seen('registerGateway', {
          where: ({ status, atMs }) => status === 200 && atMs > lostAt(),
          withinMs: 40_000,
        });
        function lostAt(): number {
          const lost = harness.calls('registerGateway').findLast(({ status, bearer }) => status === 'cut' && bearer === key);
          return lost?.atMs ?? Infinity;
        }
        const calls = harness.calls('registerGateway');
        assert.equal(new Set(calls.map(({ body }) => body.boot_id)).size, 1);
        assert.equal(registered.body.boot_id, calls[0]?.body.boot_id);
        await harness.seen('heartbeat', { where: ({ status }) => status === 200 });
        assert.ok(running.isRunning());
        assert.deepEqual(harness.violations, []);
      }),
  );

  check(
    ['FAIL-404', 'FAIL-409', 'FAIL-410', 'CONF-002', 'BEAT-004'],
    'it registers again when forgotten or fenced, and rests when decommissioned, serving all the while',
    (kind) =>
      Bench.with(kind, async (bench) => {
        const harness = await bench.startHarness({ key });
        harness.model.publish(bench.items);
        const running = await bench.start({ controlPlaneUrl: harness.url, key });
        await harness.seen('ackGatewayConfig', { where: ({ body }) => body.generation === 1 });
        await harness.seen('heartbeat', { where: ({ status }) => status === 200 });

        // While it cannot register it gets no configuration: had it taken the 404 for an empty one, its tools would stay away.
        harness.always('registerGateway', { kind: 'status', status: 503, retryAfterS: 1 });
        harness.model.forgetInstances();
        const missed = await harness.seen('heartbeat', { where: ({ status }) => status === 404 });
        assert.ok(harness.calls('getGatewayConfig').some(({ status }) => status === 404));
        await harness.seen('registerGateway', { where: ({ status }) => status === 503 });
        assert.ok(await bench.serves(running), 'lesson 11: an unknown gateway was taken for an empty configuration');
        assert.ok(await bench.isReady(running, { status: 200 }));
        harness.always('registerGateway', undefined);
        const again = await harness.seen('registerGateway', { where: ({ atMs, status }) => status === 200 && atMs > missed.atMs });
        assert.equal(again.body.boot_id, harness.calls('registerGateway')[0]?.body.boot_id);
        const first = await harness.next('heartbeat', ({ status }) => status === 200);
        assert.equal(first.body.config.generation, 1, 'lesson 11: what it served is gone although nobody took it away');
        assert.deepEqual(
          harness.calls('ackGatewayConfig').filter(({ body }) => body.items.length === 0 && body.unlisted_applied !== true),
          [],
          'lesson 11: an error was acknowledged as an empty configuration',
        );

        // Until it registers, since it may have given up the answer that is seen here.
        harness.always('heartbeat', { kind: 'status', status: 409, code: 'stale_epoch' });
        const fenced = await harness.next('heartbeat', ({ status }) => status === 409);
        assert.ok(secondsBetween(first, fenced) >= 4, 'two heartbeats came closer than the interval less a tenth');
        await harness.seen('registerGateway', { where: ({ atMs }) => atMs > fenced.atMs });

        harness.always('heartbeat', { kind: 'status', status: 410, code: 'decommissioned' });
        await harness.next('heartbeat', ({ status }) => status === 410);
        await delay(500);
        // A call that had begun by then may end later.
        const sinceMs = harness.nowMs;
        await delay(silenceMs);
        assert.deepEqual(
          harness.exchanges.filter(({ atMs }) => atMs > sinceMs).map(({ operationId }) => operationId),
          [],
          'it goes on calling after 410',
        );
        assert.equal(
          harness.calls('registerGateway').filter(({ atMs }) => atMs > fenced.atMs).length,
          1,
          'it registered more than once after it was fenced',
        );
        assert.ok(running.isRunning() && (await bench.serves(running)));
        assert.deepEqual(harness.violations, []);
      }),
  );

  check(
    ['FAIL-413', 'FAIL-000', 'FAIL-503', 'FAIL-403'],
    'a heartbeat that is too large, late, or refused by overload is sent again, and a forbidden instance serves what it has',
    (kind) =>
      Bench.with(kind, async (bench) => {
        const harness = await bench.startHarness({ key });
        harness.model.publish(bench.items);
        harness.script(
          'heartbeat',
          { kind: 'status', status: 503, retryAfterS: 3 },
          { kind: 'status', status: 413 },
          { kind: 'slow', delayMs: 2500 },
          { kind: 'lost-reply' },
        );
        const running = await bench.start({ controlPlaneUrl: harness.url, key });
        const lost = await harness.seen('heartbeat', { where: ({ status }) => status === 'cut', withinMs: 40_000 });
        await harness.seen('heartbeat', { where: ({ status, atMs }) => status === 200 && atMs > lost.atMs });
        const [overloaded, tooLarge, lean] = harness.calls('heartbeat');
        // Without the header it would have come back within a second.
        assert.ok(waitedSince(overloaded, tooLarge), 'it came back before Retry-After');
        assert.notDeepEqual(tooLarge?.body.metrics, {});
        assert.deepEqual(lean?.body.metrics, {});
        assert.equal(harness.calls('registerGateway').length, 1, 'it registered anew although it was never told to');

        harness.always('heartbeat', { kind: 'status', status: 403 });
        await harness.next('heartbeat', ({ status }) => status === 403);
        harness.always('getGatewayConfig', { kind: 'status', status: 403 });
        harness.model.publish([]);
        await until('it says that it is stale', () => bench.isReady(running, { state: 'stale' }));
        const beatsBefore = harness.calls('heartbeat').length;
        await delay(silenceMs);
        assert.equal(harness.calls('heartbeat').length, beatsBefore, 'it goes on beating as if nothing was');
        assert.ok(await bench.serves(running));
        assert.deepEqual(
          harness.calls('ackGatewayConfig').filter(({ body }) => body.generation > 1),
          [],
        );
        assert.deepEqual(harness.violations, []);
      }),
  );

  check(['FAIL-000', 'FAIL-503', 'CONF-007', 'CONF-009'], 'a configuration arrives in the end, and so does its acknowledgement, unchanged', (kind) =>
    Bench.with(kind, async (bench) => {
      const harness = await bench.startHarness({ key });
      const generation = harness.model.publish(bench.items);
      harness.script('registerGateway', { kind: 'status', status: 503, retryAfterS: 3 });
      harness.script(
        'getGatewayConfig',
        { kind: 'reset' },
        { kind: 'status', status: 429, retryAfterS: 1 },
        { kind: 'lost-reply' },
        { kind: 'malformed', text: '{"generation": 1, "items": [' },
      );
      harness.script('ackGatewayConfig', { kind: 'lost-reply' }, { kind: 'status', status: 503, retryAfterS: 1 });
      const running = await bench.start({ controlPlaneUrl: harness.url, key });
      const last = await harness.seen('ackGatewayConfig', { where: ({ status }) => status === 204, withinMs: 40_000 });
      assert.deepEqual([last.body.generation, last.body.state], [generation, 'applied']);
      assert.deepEqual(
        harness.calls('ackGatewayConfig').map(({ status }) => status),
        ['cut', 503, 204],
      );
      assert.ok(harness.calls('ackGatewayConfig').every(({ body }) => JSON.stringify(body) === JSON.stringify(last.body)));
      assert.deepEqual(
        harness
          .calls('getGatewayConfig')
          .slice(0, 5)
          .map(({ status }) => status),
        ['cut', 429, 'cut', 200, 200],
      );
      assert.ok(await bench.serves(running));
      const [refused, registered, ...more] = harness.calls('registerGateway');
      assert.ok(waitedSince(refused, registered), 'it came back before Retry-After');
      assert.deepEqual(more, []);
      assert.deepEqual(harness.violations, []);
    }),
  );

  check(['AUTH-007', 'AUTH-006'], 'a credential of its own is used from then on, and given up for the gateway key when it is refused', (kind) =>
    Bench.with(kind, async (bench) => {
      const harness = await bench.startHarness({ key });
      const token = 'stoa_gi_a-credential-for-one-instance';
      harness.keys.add(token);
      harness.script('registerGateway', {
        kind: 'changed',
        members: { credential: { token, expires_at: new Date(Date.now() + 86_400_000).toISOString() } },
      });
      await bench.start({ controlPlaneUrl: harness.url, key });
      const first = await harness.seen('heartbeat', { where: ({ status }) => status === 200 });
      assert.equal(first.bearer, token);
      assert.ok(harness.exchanges.every(({ operationId, bearer }) => bearer === (operationId === 'registerGateway' ? key : token)));
      harness.keys.delete(token);
      // Whichever call is refused first has the others go without it.
      await until('the credential is refused', () => Promise.resolve(harness.exchanges.some(({ status }) => status === 401)));
      await harness.seen('heartbeat', { where: ({ status, bearer }) => status === 200 && bearer === key });
      assert.equal(harness.calls('registerGateway').length, 1, 'a refused credential is no reason to register');
      assert.deepEqual(harness.violations, []);
    }),
  );

  check(
    ['FAIL-409'],
    'fenced again right after it registered, it yields: two processes of one name do not take over from each other without a pause',
    (kind) =>
      Bench.with(kind, async (bench) => {
        const harness = await bench.startHarness({ key });
        harness.always('heartbeat', { kind: 'status', status: 409, code: 'stale_epoch' });
        await bench.start({ controlPlaneUrl: harness.url, key });
        const fenced = await harness.seen('heartbeat');
        const again = await harness.seen('registerGateway', { where: ({ atMs }) => atMs > fenced.atMs });
        await harness.seen('heartbeat', { where: ({ atMs }) => atMs > again.atMs });
        await delay(silenceMs);
        assert.equal(harness.calls('registerGateway').length, 2, 'it goes on taking over');
        assert.deepEqual(harness.violations, []);
      }),
  );

  check(['FAIL-400'], 'a heartbeat that was found invalid is not sent again and again', (kind) =>
    Bench.with(kind, async (bench) => {
      const harness = await bench.startHarness({ key });
      harness.always('heartbeat', { kind: 'status', status: 400 });
      const running = await bench.start({ controlPlaneUrl: harness.url, key });
      await harness.seen('heartbeat');
      await delay(silenceMs);
      assert.equal(harness.calls('heartbeat').length, 1);
      assert.ok(running.isRunning());
      assert.deepEqual(harness.violations, []);
    }),
  );

  check(['ADR-002'], 'a server of the ADR alone is enough: it registers once and beats, without leases and without configuration', (kind) =>
    Bench.with(kind, async (bench) => {
      const harness = await bench.startHarness({ key, personality: 'adr-only' });
      const running = await bench.start({ controlPlaneUrl: harness.url, key });
      const first = await harness.seen('heartbeat');
      const second = await harness.next('heartbeat');
      assert.deepEqual([first.status, second.status], [200, 200]);
      assert.ok(secondsBetween(first, second) >= 4);
      assert.equal(first.body.lease_epoch, undefined);
      assert.equal(harness.calls('registerGateway').length, 1, 'the missing config feed was taken for a missing gateway');
      if (bench.seesProbes(running)) assert.equal((await bench.probe(running, 'getHealth')).status, 200);
      assert.equal(await running.stop(), 0);
      assert.deepEqual(harness.violations, []);
    }),
  );
};
