import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { HeartbeatReply } from '@stoa/generated/schemas.ts';
import type { ControlPlane } from '../../subjects/over-http.ts';
import { until } from '../../until.ts';
import type { Suite } from '../case.ts';
import { beat, gatewayPage, register } from './samples.ts';

export const heartbeats: Suite<ControlPlane> = (check) => {
  check(
    ['BEAT-001', 'BEAT-002', 'BEAT-003', 'BEAT-008'],
    'a heartbeat that was answered is stored, with a lease of three intervals and ten seconds',
    async (controlPlane) => {
      const { gateway_id, lease_epoch } = await register(controlPlane);
      const path = { gateway_id };
      for (let seq = 1; seq <= 10; seq += 1) {
        const body = beat({
          lease_epoch,
          seq,
          uptime_s: seq * 2,
          metrics: { requests_total: seq },
          config: { generation: 0, hash: '', state: 'none' },
        });
        const { status, body: reply } = await controlPlane.call<HeartbeatReply>('heartbeat', { path, body });
        assert.equal(status, 200);
        const interval = reply.heartbeat_interval_s ?? 0;
        assert.ok(interval >= 5 && interval <= 3600);
        assert.equal(reply.lease_ttl_s, 3 * interval + 10);
        if (!controlPlane.hasOperator) continue;
        const { uptime_s, metrics, last_heartbeat_at = '', lease_until = '' } = await gatewayPage(controlPlane, gateway_id);
        assert.deepEqual([uptime_s, metrics], [seq * 2, { requests_total: seq }]);
        assert.equal(Math.round((Date.parse(lease_until) - Date.parse(last_heartbeat_at)) / 1000), 3 * interval + 10);
      }
    },
  );

  check(['BEAT-002'], 'a hundred heartbeats at once are all stored when they are answered', async (controlPlane) => {
    const fleet = await Promise.all(Array.from({ length: 100 }, () => register(controlPlane)));
    await Promise.all(
      fleet.map(async ({ gateway_id, lease_epoch }, index) => {
        const { status } = await controlPlane.call('heartbeat', { path: { gateway_id }, body: beat({ lease_epoch, metrics: { index } }) });
        assert.equal(status, 200);
        assert.deepEqual((await gatewayPage(controlPlane, gateway_id)).metrics, { index });
      }),
    );
  });

  for (const status of ['degraded', 'unhealthy', 'healthy']) {
    check(['BEAT-007'], `lesson 6: an instance that says ${status} is online and ${status}`, async (controlPlane) => {
      const { gateway_id, lease_epoch } = await register(controlPlane);
      await controlPlane.call('heartbeat', { path: { gateway_id }, body: beat({ lease_epoch, status }) });
      const page = await gatewayPage(controlPlane, gateway_id);
      assert.deepEqual([page.liveness, page.status], ['online', status]);
    });
  }

  check(
    ['BEAT-007', 'BEAT-008'],
    'an instance is late after a missing beat, offline when its lease is over, and online with the next beat',
    async (controlPlane) => {
      // In an environment of its own: where many fall silent at once, a brake keeps them late.
      const environment = `lone-${randomUUID()}`;
      const { gateway_id, lease_epoch, heartbeat_interval_s: interval } = await register(controlPlane, { environment });
      const path = { gateway_id };
      const silentFor = (seconds: number) => controlPlane.silentFor(gateway_id, seconds, 3 * interval + 10);
      await silentFor(1.1 * interval);
      assert.equal((await gatewayPage(controlPlane, gateway_id)).liveness, 'online');
      await silentFor(2 * interval);
      assert.equal((await gatewayPage(controlPlane, gateway_id)).liveness, 'late');
      await silentFor(3 * interval + 10);
      // Offline is said by a sweep, which sees how many fall silent at once.
      await until('it is offline', async () => (await gatewayPage(controlPlane, gateway_id)).liveness === 'offline', 30_000);
      await controlPlane.call('heartbeat', { path, body: beat({ lease_epoch }) });
      assert.equal((await gatewayPage(controlPlane, gateway_id)).liveness, 'online');
    },
  );

  check(['BEAT-001'], 'a heartbeat tells of the newest generation', async (controlPlane) => {
    const { gateway_id, lease_epoch } = await register(controlPlane);
    const { body } = await controlPlane.call<HeartbeatReply>('heartbeat', { path: { gateway_id }, body: beat({ lease_epoch }) });
    assert.deepEqual([body.lease_epoch, body.config_generation], [lease_epoch, 0]);
  });

  check(['REG-012'], 'two copies of one beat at once do no harm', async (controlPlane) => {
    const { gateway_id, lease_epoch } = await register(controlPlane);
    const send = () => controlPlane.call('heartbeat', { path: { gateway_id }, body: beat({ lease_epoch, seq: 1 }) });
    assert.deepEqual(
      (await Promise.all([send(), send(), send()])).map(({ status }) => status),
      [200, 200, 200],
    );
  });

  check(['BEAT-005'], 'of two processes that beat at once the older alone is refused', async (controlPlane) => {
    const older = await register(controlPlane);
    const newer = await register(controlPlane, { instance_name: older.name, boot_id: randomUUID() });
    const path = { gateway_id: older.gateway_id };
    const send = (lease_epoch: number | undefined) => controlPlane.call('heartbeat', { path, body: beat({ lease_epoch }) });
    const statuses = (await Promise.all([send(older.lease_epoch), send(newer.lease_epoch), send(older.lease_epoch), send(newer.lease_epoch)])).map(
      ({ status }) => status,
    );
    assert.deepEqual(statuses, [409, 200, 409, 200]);
  });
};
