import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ControlPlane } from '../../subjects/over-http.ts';
import type { Suite } from '../case.ts';
import { callsOfAnInstance, everyCallOfAnInstance, gatewayPage, register } from './samples.ts';

/** Who may speak for a gateway: the newest process, while the gateway exists and no operator took it out. */
export const fencing: Suite<ControlPlane> = (check) => {
  for (const [name, send] of Object.entries(callsOfAnInstance)) {
    check(['BEAT-005'], `lesson 19: ${name} of a process that was taken over is refused as stale`, async (controlPlane) => {
      const older = await register(controlPlane);
      const newer = await register(controlPlane, { instance_name: older.name });
      const { status, body } = await send(controlPlane, older.gateway_id, older.lease_epoch);
      assert.deepEqual([status, body['code']], [409, 'stale_epoch']);
      if (controlPlane.hasOperator) assert.notEqual((await gatewayPage(controlPlane, older.gateway_id)).liveness, 'left');
      assert.ok((await send(controlPlane, newer.gateway_id, newer.lease_epoch)).status < 300);
    });
  }

  for (const [name, send] of Object.entries(everyCallOfAnInstance)) {
    check(['FAIL-404', 'CONF-002'], `lesson 11: ${name} for a gateway that does not exist is 404`, async (controlPlane) => {
      assert.equal((await send(controlPlane, randomUUID(), undefined)).status, 404);
    });
  }

  for (const [name, send] of Object.entries(everyCallOfAnInstance)) {
    check(['FAIL-410'], `${name} of a decommissioned instance is 410`, async (controlPlane) => {
      const { gateway_id, lease_epoch } = await register(controlPlane);
      assert.equal((await controlPlane.call('decommissionGateway', { path: { gateway_id } })).status, 204);
      assert.equal((await send(controlPlane, gateway_id, lease_epoch)).status, 410);
    });
  }

  check(['FAIL-410'], 'a decommissioned instance cannot come back by registering, and is shown as revoked', async (controlPlane) => {
    const { gateway_id, name } = await register(controlPlane);
    await controlPlane.call('decommissionGateway', { path: { gateway_id } });
    const { status } = await controlPlane.call('registerGateway', {
      body: { instance_name: name, gateway_mode: 'edge_mcp', version: '1', features: [], environment: 'production', boot_id: randomUUID() },
    });
    assert.equal(status, 410);
    assert.equal((await gatewayPage(controlPlane, gateway_id)).liveness, 'revoked');
  });
};
