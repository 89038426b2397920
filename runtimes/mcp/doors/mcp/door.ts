import type { Door, OpenDoor } from '../door.ts';
import { createMcpEndpoint } from './endpoint.ts';
import type { McpEndpoint } from './endpoint.ts';

const path = '/mcp';

/** Tool calls of agents, by the Model Context Protocol. */
export const mcpDoor = { name: 'mcp', path, open: (parts) => doorTo(createMcpEndpoint(parts)) } as const satisfies Door;

/** Where the endpoint is found. */
export const doorTo = (endpoint: McpEndpoint): OpenDoor => ({
  handle: (asked, request, response) => asked === path && endpoint.handle(request, response),
  handleQuick: (request, reply) => request.method === 'POST' && request.url === path && endpoint.handleQuick(request, reply),
  snapshotReplaced: endpoint.snapshotReplaced,
  close: endpoint.close,
});
