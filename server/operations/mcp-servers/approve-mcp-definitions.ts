import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { RequestContext } from '../../context.ts';
import { decideMcpDefinitions } from '../../mcp-servers/decide-definitions.ts';

export const approveMcpDefinitions: Handler<operations['approveMcpDefinitions'], RequestContext> = async ({ path, body }, context) => ({
  status: 200,
  body: await decideMcpDefinitions(context, path.mcp_server_id, body, 'approved'),
});
