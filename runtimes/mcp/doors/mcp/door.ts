import type { Door, OpenDoor } from '../door.ts';
import { createMcpEndpoint } from './endpoint.ts';
import type { McpEndpoint } from './endpoint.ts';
import { isMcpPath, mcpPath } from './protected-resource.ts';

/** Tool calls of agents, by the Model Context Protocol. */
export const mcpDoor = {
  name: 'mcp',
  path: mcpPath,
  open: (parts) => doorTo(createMcpEndpoint({ ...parts, ...(parts.mcpChain !== undefined && { chain: parts.mcpChain }) })),
} as const satisfies Door;

/** Where the endpoint is found. */
export const doorTo = (endpoint: McpEndpoint): OpenDoor => ({
  handle: (asked, request, response) => (isMcpPath(asked) ? endpoint.handle(request, response) : endpoint.handleMetadata(asked, request, response)),
  handleQuick: (request, reply) => request.method === 'POST' && request.url === mcpPath && endpoint.handleQuick(request, reply),
  snapshotReplaced: endpoint.snapshotReplaced,
  resourceUpdated: endpoint.resourceUpdated,
  close: endpoint.close,
});
