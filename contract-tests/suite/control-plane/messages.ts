import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Problem, RegisterReply } from '@stoa/generated/schemas.ts';
import type { ControlPlane } from '../../subjects/over-http.ts';
import { until } from '../../until.ts';
import type { Suite } from '../case.ts';
import { beat, gatewayPage, register, registration } from './samples.ts';

const pointers = ({ errors = [] }: Problem): string[] => errors.map(({ pointer }) => pointer).sort();

export const messages: Suite<ControlPlane> = (check) => {
  check(['REG-009'], 'fields that nobody knows are accepted, ignored and shown by name', async (controlPlane) => {
    const body = registration({ hostname: 'pod-17', mode: 'edge-mcp', capabilities: ['tools'] });
    const { status, body: reply } = await controlPlane.call<RegisterReply>('registerGateway', { body });
    assert.equal(status, 200);
    const answer = await controlPlane.call('heartbeat', { path: { gateway_id: reply.gateway_id }, body: beat({ load: 0.7 }) });
    assert.equal(answer.status, 200);
    if (!controlPlane.hasOperator) return;
    const page = await gatewayPage(controlPlane, reply.gateway_id);
    assert.ok(['capabilities', 'hostname', 'mode'].every((name) => page.unknown_fields.includes(name)));
    assert.equal(page.gateway_mode, 'edge_mcp');
    await until('what a heartbeat sent is shown too', async () =>
      (await gatewayPage(controlPlane, reply.gateway_id)).unknown_fields.includes('load'),
    );
  });

  check(['REG-010', 'FAIL-001'], 'a registration with four faults is told of four', async (controlPlane) => {
    const { status, body } = await controlPlane.call<Problem>('registerGateway', {
      body: { gateway_mode: 'mesh', version: 1, features: 'mcp', environment: 'production' },
    });
    assert.equal(status, 400);
    assert.deepEqual(pointers(body), ['/body/features', '/body/gateway_mode', '/body/instance_name', '/body/version']);
    assert.match(body.request_id ?? '', /^[0-9a-f-]{36}$/);
  });

  check(['REG-010'], 'a heartbeat with three faults is told of three', async (controlPlane) => {
    const { gateway_id } = await register(controlPlane);
    const { status, body } = await controlPlane.call<Problem>('heartbeat', {
      path: { gateway_id },
      body: { status: 'fine', metrics: { requests_total: 'many' } },
    });
    assert.equal(status, 400);
    assert.deepEqual(pointers(body), ['/body/metrics/requests_total', '/body/status', '/body/uptime_s']);
  });

  for (const [name, given] of Object.entries({
    'a null': { version: null },
    'an empty name': { instance_name: '' },
    'a name with a slash': { instance_name: 'a/b' },
    'an upper-case environment': { environment: 'Production' },
    'a boot that is no UUID': { boot_id: 'one' },
  })) {
    check(['REG-010'], `${name} is refused`, async (controlPlane) => {
      const { status, body } = await controlPlane.call<Problem>('registerGateway', { body: registration(given) });
      assert.equal(status, 400);
      assert.deepEqual(pointers(body), [`/body/${Object.keys(given)[0]}`]);
    });
  }

  check(['FAIL-001'], 'a body that is not JSON, of another type, or too large is a problem too', async (controlPlane) => {
    const json = { 'content-type': 'application/json' };
    assert.equal((await controlPlane.call('registerGateway', { body: '{"instance_name":', headers: json })).status, 400);
    assert.equal((await controlPlane.call('registerGateway', { body: 'instance_name=a', headers: { 'content-type': 'text/plain' } })).status, 415);
    assert.equal((await controlPlane.call('registerGateway', { body: registration({ padding: 'x'.repeat(5_000_000) }) })).status, 413);
    assert.equal((await controlPlane.call('heartbeat', { path: { gateway_id: 'not-a-uuid' }, body: beat() })).status, 400);
  });

  check(['FAIL-001'], 'an error carries the id under which the log has it, and tells nothing of the inside', async (controlPlane) => {
    const { text, headers, body } = await controlPlane.call<Problem>('getGateway', { path: { gateway_id: randomUUID() } });
    assert.equal(headers['x-request-id'], body.request_id);
    assert.doesNotMatch(text, /prisma|select|stack|\.ts/i);
  });
};
