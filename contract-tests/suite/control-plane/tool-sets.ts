import assert from 'node:assert/strict';
import type { ToolSetItem } from '@stoa/generated/schemas.ts';
import type { ControlPlane } from '../../subjects/control-plane.ts';
import type { Suite } from '../case.ts';
import { makeMcpServer, mcpServerBody, toolSetBody } from '../management/samples.ts';
import { register } from './samples.ts';

const features = ['mcp', 'subscriptions', 'plans', 'mcp_servers', 'tool_sets'];

export const toolSets: Suite<ControlPlane> = (check) => {
  check(['SETS-001'], 'a tool set is given with what the runtime serves of it, and not to one that does not know the kind', async (controlPlane) => {
    const [{ gateway_id, name }, old] = [
      await register(controlPlane, { features }),
      await register(controlPlane, { features: features.slice(0, -1) }),
    ];
    const here = mcpServerBody({ targets: { instance_names: [name, old.name] } });
    const { mcp_server_id } = (await controlPlane.call<{ mcp_server_id: string }>('createMcpServer', { body: here })).body;
    const elsewhere = await makeMcpServer(controlPlane);
    const tools = [here.name, elsewhere.name].map((server) => ({ mcp_server: server, tool: 'close', name: `close.${server}` }));
    const body = await toolSetBody(controlPlane, { tools });
    const { tool_set_id } = (await controlPlane.call<{ tool_set_id: string }>('createToolSet', { body })).body;
    const given = async (id: string): Promise<ToolSetItem | undefined> => {
      const { body: config } = await controlPlane.call<{ items: { id: string }[] }>('getGatewayConfig', { path: { gateway_id: id } });
      return config.items.find((item) => item.id === `tool_set:${tool_set_id}`) as ToolSetItem | undefined;
    };
    assert.deepEqual((await given(gateway_id))?.tools, [{ mcp_server_id, tool: 'close', name: `close.${String(here.name)}` }]);
    assert.equal(await given(old.gateway_id), undefined);
  });
};
