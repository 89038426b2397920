import assert from 'node:assert/strict';
import type { ControlPlane, KeyScope } from '../../subjects/over-http.ts';
import { until } from '../../until.ts';
import { ifAvailable } from '../case.ts';
import type { Suite } from '../case.ts';
import { everyCallOfAnInstance, gatewayPage, newName, register, registration } from './samples.ts';

const instance = { environment: 'production', gateway_mode: 'edge_mcp', instance_name: newName() };
const foreignScopes: Record<string, KeyScope> = {
  'another environment': { environments: ['staging'] },
  'another mode': { modes: ['connect'] },
  'another name': { instance_name: newName() },
};

export const credentials: Suite<ControlPlane> = (check) => {
  for (const [name, scope] of Object.entries(foreignScopes)) {
    check(['AUTH-002'], `a key for ${name} may not register`, async (controlPlane) => {
      const { secret } = await controlPlane.mintKey(scope);
      assert.equal((await controlPlane.call('registerGateway', { body: registration(instance), token: secret })).status, 403);
    });
    for (const [operation, send] of Object.entries(everyCallOfAnInstance)) {
      check(['AUTH-002'], `lesson 9: a key for ${name} may not ${operation}`, async (controlPlane) => {
        const { gateway_id, lease_epoch } = await register(controlPlane);
        const before = await gatewayPage(controlPlane, gateway_id);
        const { secret } = await controlPlane.mintKey(scope);
        // First by the ordinary route, which looks the key up, then by the fast lane for heartbeats, which remembers it: both must refuse it.
        for (let time = 0; time < 2; time += 1) assert.equal((await send(controlPlane, gateway_id, lease_epoch, secret)).status, 403);
        assert.deepEqual(await gatewayPage(controlPlane, gateway_id), before);
      });
    }
  }

  check(['AUTH-002'], 'a key within its scope may register', async (controlPlane) => {
    const { secret } = await controlPlane.mintKey({
      environments: ['staging', 'production'],
      modes: ['edge_mcp'],
      instance_name: instance.instance_name,
    });
    assert.equal((await controlPlane.call('registerGateway', { body: registration(instance), token: secret })).status, 200);
  });

  check(['AUTH-002'], 'a key of one mode cannot turn an instance of another into its own', async (controlPlane) => {
    const { gateway_id, name } = await register(controlPlane, { gateway_mode: 'sidecar' });
    const { secret } = await controlPlane.mintKey({ modes: ['connect'] });
    const body = registration({ instance_name: name, gateway_mode: 'connect' });
    assert.equal((await controlPlane.call('registerGateway', { body, token: secret })).status, 403);
    assert.equal((await gatewayPage(controlPlane, gateway_id)).gateway_mode, 'sidecar');
  });

  for (const [operation, send] of Object.entries(everyCallOfAnInstance)) {
    check(['AUTH-003'], `lesson 9: a key of another tenant that calls ${operation} meets nothing`, async (controlPlane) => {
      const { gateway_id, lease_epoch } = await register(controlPlane);
      const before = await gatewayPage(controlPlane, gateway_id);
      const foreign = (await controlPlane.anotherTenant()).gatewayKey;
      for (let time = 0; time < 2; time += 1) assert.equal((await send(controlPlane, gateway_id, lease_epoch, foreign)).status, 404);
      assert.deepEqual(await gatewayPage(controlPlane, gateway_id), before);
    });
  }

  check(['AUTH-003'], 'two tenants may use one name without meeting', async (controlPlane) => {
    const ours = await register(controlPlane);
    const theirs = await register(controlPlane, { instance_name: ours.name }, { token: (await controlPlane.anotherTenant()).gatewayKey });
    assert.notEqual(theirs.gateway_id, ours.gateway_id);
    assert.equal((await controlPlane.call('getGateway', { path: { gateway_id: theirs.gateway_id } })).status, 404);
  });

  check(['AUTH-001'], 'no credential, an unknown one and an expired one are 401', async (controlPlane) => {
    const expired = controlPlane.hasOperator ? [await controlPlane.mintExpiredKey()] : [];
    const { gateway_id, lease_epoch } = await register(controlPlane);
    for (const token of [null, 'stoa_gk_unknown', `${controlPlane.gatewayKey}x`, ...expired, 'eyJhbGciOiJub25lIn0.e30.']) {
      const registering = await controlPlane.call('registerGateway', { body: registration(), token });
      assert.equal(registering.status, 401);
      assert.match(registering.headers['www-authenticate'] ?? '', /^Bearer/);
      for (const send of Object.values(everyCallOfAnInstance)) {
        const answer = await ifAvailable(() => send(controlPlane, gateway_id, lease_epoch, token));
        if (answer !== undefined) assert.equal(answer.status, 401);
      }
    }
  });

  check(['AUTH-004', 'AUTH-001'], 'a revoked key is refused by every call, also where it was remembered', async (controlPlane) => {
    const { id, secret } = await controlPlane.mintKey();
    const { gateway_id, lease_epoch } = await register(controlPlane, {}, { token: secret });
    const heartbeat = () => everyCallOfAnInstance['heartbeat']?.(controlPlane, gateway_id, lease_epoch, secret);
    for (let time = 0; time < 3; time += 1) assert.equal((await heartbeat())?.status, 200);
    await controlPlane.call('revokeGatewayKey', { path: { key_id: id } });
    // How soon is measured by experiments/cases/revoked-key.ts.
    await until('the revoked key is refused', async () => (await heartbeat())?.status === 401);
    for (const send of Object.values(everyCallOfAnInstance)) {
      const answer = await ifAvailable(() => send(controlPlane, gateway_id, lease_epoch, secret));
      if (answer !== undefined) assert.equal(answer.status, 401);
    }
    assert.equal((await controlPlane.call('registerGateway', { body: registration(), token: secret })).status, 401);
  });
};
