import assert from 'node:assert/strict';
import type { McpDefinitionList, McpServerItem } from '@stoa/generated/schemas.ts';
import { canonicalHash } from '@stoa/lib/canonical-json.ts';
import type { ControlPlane } from '../../subjects/over-http.ts';
import type { Suite } from '../case.ts';
import { mcpServerBody } from '../management/samples.ts';
import { register } from './samples.ts';

const features = ['mcp', 'subscriptions', 'plans', 'mcp_servers'];

async function served(controlPlane: ControlPlane) {
  const { gateway_id, name } = await register(controlPlane, { features });
  const body = mcpServerBody({ targets: { instance_names: [name] } });
  const { mcp_server_id } = (await controlPlane.call<{ mcp_server_id: string }>('createMcpServer', { body })).body;
  const item = async (): Promise<McpServerItem | undefined> => {
    const { body: config } = await controlPlane.call<{ items: { id: string }[] }>('getGatewayConfig', { path: { gateway_id } });
    return config.items.find(({ id }) => id === `mcp_server:${mcp_server_id}`) as McpServerItem | undefined;
  };
  return { path: { gateway_id, mcp_server_id }, item };
}

export const mcpServers: Suite<ControlPlane> = (check) => {
  check(['MCPS-001'], 'a definition is given to runtimes once it is approved, as it was reported', async (controlPlane) => {
    const { path, item } = await served(controlPlane);
    const definition = { name: 'close', description: 'Closes it.', inputSchema: { type: 'object' }, 'x-own': [1, { a: null }] };
    const reported = { kind: 'tool', name: 'close', sha256: canonicalHash(definition).slice('sha256:'.length), definition };
    const report = (definitions: object[]) => controlPlane.call('reportMcpServer', { path, body: { state: 'connected', definitions } });
    assert.equal((await report([reported])).status, 204);
    assert.deepEqual((await item())?.approved, []);
    const { mcp_server_id } = path;
    const { body: pending } = await controlPlane.call<McpDefinitionList>('listMcpDefinitions', { path: { mcp_server_id } });
    await controlPlane.call('approveMcpDefinitions', { path: { mcp_server_id }, body: { all: pending.pending_sha256 } });
    assert.deepEqual((await item())?.approved, [reported]);
    assert.equal((await report([{ ...reported, definition: { name: 'close' } }])).status, 400);
    assert.equal((await report([])).status, 204);
    assert.deepEqual((await item())?.approved, [reported]);
  });

  check(['MCPS-002'], 'a runtime without the feature is not given it, and has nothing to say of it', async (controlPlane) => {
    const { path } = await served(controlPlane);
    const { gateway_id } = await register(controlPlane);
    const { body: config } = await controlPlane.call<{ items: object[] }>('getGatewayConfig', { path: { gateway_id } });
    assert.deepEqual(config.items, []);
    const answer = await controlPlane.call('reportMcpServer', { path: { ...path, gateway_id }, body: { state: 'connected', definitions: [] } });
    assert.equal(answer.status, 404);
  });
};
