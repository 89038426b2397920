import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { GatewayModes, RegisterReply } from '@stoa/generated/schemas.ts';
import type { ControlPlane } from '../../subjects/over-http.ts';
import type { Suite } from '../case.ts';
import { beat, callsOfAnInstance, gatewayPage, newName, register, registration } from './samples.ts';

type ProblemBody = { errors?: { pointer: string; message: string }[]; detail?: string; code?: string };

export const identity: Suite<ControlPlane> = (check) => {
  check(['REG-001', 'BEAT-003'], 'the five fields of the ADR are answered with an id and an interval', async (controlPlane) => {
    const { status, body } = await controlPlane.call<RegisterReply>('registerGateway', { body: registration() });
    assert.equal(status, 200);
    assert.ok(body.heartbeat_interval_s >= 5 && body.heartbeat_interval_s <= 3600);
  });

  check(['REG-002', 'REG-003'], 'registering again answers the same, and the same boot bumps nothing', async (controlPlane) => {
    const boot = { instance_name: newName(), boot_id: randomUUID() };
    const first = await register(controlPlane, boot);
    assert.deepEqual(await register(controlPlane, boot), first);
    // Two copies of one request at once are what a client sends whose answer was lost.
    const both = await Promise.all([register(controlPlane, boot), register(controlPlane, boot)]);
    assert.deepEqual(both, [first, first]);
    const { gateway_id } = await register(controlPlane, { ...boot, version: '0.13.0', boot_id: randomUUID() });
    assert.equal(gateway_id, first.gateway_id);
  });

  check(['REG-002'], 'twenty first registrations at once make one gateway', async (controlPlane) => {
    const body = registration({ boot_id: randomUUID() });
    const replies = await Promise.all(Array.from({ length: 20 }, () => controlPlane.call<RegisterReply>('registerGateway', { body })));
    assert.equal(new Set(replies.map((reply) => reply.body.gateway_id)).size, 1);
    assert.deepEqual(new Set(replies.map((reply) => reply.body.lease_epoch)), new Set([1]));
  });

  check(['REG-004'], 'a new boot takes the lease over', async (controlPlane) => {
    const first = await register(controlPlane);
    const second = await register(controlPlane, { instance_name: first.name });
    assert.equal(second.gateway_id, first.gateway_id);
    assert.equal(second.lease_epoch, (first.lease_epoch ?? 0) + 1);
  });

  check(['REG-005'], 'the fourth takeover in five minutes is a conflict, the third is not', async (controlPlane) => {
    const { name, gateway_id } = await register(controlPlane);
    const takeOver = () => register(controlPlane, { instance_name: name });
    for (let takeovers = 0; takeovers < 3; takeovers += 1) await takeOver();
    assert.equal((await gatewayPage(controlPlane, gateway_id)).liveness, 'online');
    await takeOver();
    assert.equal((await gatewayPage(controlPlane, gateway_id)).liveness, 'conflict');
  });

  check(['REG-005'], 'a takeover of more than five minutes ago makes no conflict', async (controlPlane) => {
    const { name, gateway_id } = await register(controlPlane);
    for (let takeovers = 0; takeovers < 4; takeovers += 1) await register(controlPlane, { instance_name: name });
    await controlPlane.query(`UPDATE gateway SET takeovers = (SELECT array_agg(t - interval '6 minutes') FROM unnest(takeovers) t) WHERE id = $1`, [
      gateway_id,
    ]);
    assert.equal((await gatewayPage(controlPlane, gateway_id)).liveness, 'online');
  });

  check(['REG-006'], 'lesson 1: a new replica evicts no sibling of the same mode and environment', async (controlPlane) => {
    const sibling = await register(controlPlane);
    const read = () => (controlPlane.hasOperator ? gatewayPage(controlPlane, sibling.gateway_id) : Promise.resolve(undefined));
    const before = await read();
    const others = [await register(controlPlane), await register(controlPlane, { environment: 'staging', instance_name: sibling.name })];
    assert.deepEqual(await read(), before);
    assert.equal(new Set([sibling, ...others].map(({ gateway_id }) => gateway_id)).size, 3);
    const { status } = await controlPlane.call('heartbeat', {
      path: { gateway_id: sibling.gateway_id },
      body: beat({ lease_epoch: sibling.lease_epoch }),
    });
    assert.equal(status, 200);
  });

  for (const mode of ['edge-mcp', 'EDGE_MCP', 'gateway', 'sidecar ', '', null, 1, ['connect'], undefined]) {
    check(['REG-007'], `lesson 5: the mode ${JSON.stringify(mode) ?? 'left out'} is refused`, async (controlPlane) => {
      const instance_name = newName();
      const { status, body } = await controlPlane.call<ProblemBody>('registerGateway', { body: registration({ instance_name, gateway_mode: mode }) });
      assert.equal(status, 400);
      const told = JSON.stringify(body.errors);
      if (typeof mode === 'string') for (const name of ['edge_mcp', 'sidecar', 'connect']) assert.match(told, new RegExp(name));
      assert.ok(
        body.errors?.some(({ pointer }) => pointer === '/body/gateway_mode'),
        told,
      );
      if (!controlPlane.hasOperator) return;
      const { body: modes } = await controlPlane.call<GatewayModes>('getGatewayModes');
      assert.ok(modes.modes.every(({ instances }) => !instances.some((instance) => instance.instance_name === instance_name)));
    });
  }

  check(['REG-008'], 'lesson 5: prod is not production', async (controlPlane) => {
    const long = await register(controlPlane, { environment: 'production' });
    const short = await register(controlPlane, { environment: 'prod', instance_name: long.name });
    assert.notEqual(short.gateway_id, long.gateway_id);
    if (!controlPlane.hasOperator) return;
    assert.equal((await gatewayPage(controlPlane, short.gateway_id)).environment, 'prod');
    assert.equal((await gatewayPage(controlPlane, long.gateway_id)).environment, 'production');
  });

  check(['REG-012'], 'a client of the ADR alone is never fenced, nor does it fence', async (controlPlane) => {
    const body = registration();
    const { body: reply } = await controlPlane.call<RegisterReply>('registerGateway', { body });
    const path = { gateway_id: reply.gateway_id };
    const newer = await register(controlPlane, { instance_name: body['instance_name'] });
    assert.equal((await controlPlane.call('heartbeat', { path, body: beat() })).status, 200);
    await controlPlane.call('registerGateway', { body });
    assert.equal((await controlPlane.call('heartbeat', { path, body: beat({ lease_epoch: newer.lease_epoch }) })).status, 200);
  });

  check(['REG-013'], 'lesson 10: every mode is listed with its instances', async (controlPlane) => {
    const modes = ['edge_mcp', 'sidecar', 'connect'] as const;
    const made = await Promise.all(modes.map((gateway_mode) => register(controlPlane, { gateway_mode })));
    const { body } = await controlPlane.call<GatewayModes>('getGatewayModes');
    assert.deepEqual(
      body.modes.map(({ gateway_mode }) => gateway_mode),
      [...modes],
    );
    for (const [index, { gateway_mode, instances, total, counts }] of body.modes.entries()) {
      assert.ok(instances.some(({ gateway_id }) => gateway_id === made[index]?.gateway_id));
      assert.ok(instances.every((instance) => instance.gateway_mode === gateway_mode));
      assert.equal(
        Object.values(counts).reduce((sum, count) => sum + count),
        total,
      );
    }
  });

  check(
    ['REG-011', 'BYE-001', 'FAIL-404'],
    'an instance that deregistered has left, is unknown to its own calls, and comes back as itself',
    async (controlPlane) => {
      const { gateway_id, lease_epoch, name } = await register(controlPlane);
      assert.equal((await callsOfAnInstance['deregisterGateway']?.(controlPlane, gateway_id, lease_epoch))?.status, 204);
      const shows = async (liveness: string) =>
        controlPlane.hasOperator && assert.equal((await gatewayPage(controlPlane, gateway_id)).liveness, liveness);
      await shows('left');
      assert.equal((await callsOfAnInstance['heartbeat']?.(controlPlane, gateway_id, lease_epoch))?.status, 404);
      const back = await register(controlPlane, { instance_name: name });
      assert.equal(back.gateway_id, gateway_id);
      assert.ok((await callsOfAnInstance['heartbeat']?.(controlPlane, gateway_id, back.lease_epoch))?.status === 200);
      await shows('online');
    },
  );
};
