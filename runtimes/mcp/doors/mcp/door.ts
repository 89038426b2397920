import type { Door, DoorParts, OpenDoor } from '../door.ts';
import { ClientSessions } from './remote/client-sessions.ts';
import { KeptStreams } from './remote/kept-streams.ts';
import { createMcpEndpoint } from './endpoint.ts';
import type { McpEndpoint } from './endpoint.ts';
import { isMcpPath, mcpPath } from './protected-resource.ts';
import { openSets } from './sets/sets.ts';

/** Tool calls of agents, by the Model Context Protocol. */
export const mcpDoor = {
  name: 'mcp',
  path: mcpPath,
  open: openMcp,
} as const satisfies Door;

function openMcp(parts: DoorParts): OpenDoor {
  const options = {
    ...parts,
    clients: new ClientSessions(),
    kept: new KeptStreams(),
    ...(parts.mcpChain !== undefined && { chain: parts.mcpChain }),
  };
  const main = doorTo(createMcpEndpoint(options));
  const sets = openSets(options);
  return {
    ...main,
    handle(path, request, response) {
      const answering = main.handle(path, request, response);
      return answering === false ? sets.handle(path, request, response) : answering;
    },
    handleQuick: (request, reply) => main.handleQuick(request, reply) || sets.handleQuick(request, reply),
    async snapshotReplaced(previous, changes) {
      await main.snapshotReplaced(previous, changes);
      await sets.snapshotReplaced(previous, changes);
    },
    async close() {
      await main.close();
      await sets.close();
    },
  };
}

/** Where the endpoint is found. */
export const doorTo = (endpoint: McpEndpoint) =>
  ({
    handle: (asked, request, response) => (isMcpPath(asked) ? endpoint.handle(request, response) : endpoint.handleMetadata(asked, request, response)),
    handleQuick: (request, reply) => request.method === 'POST' && request.url === mcpPath && endpoint.handleQuick(request, reply),
    snapshotReplaced: endpoint.snapshotReplaced,
    resourceUpdated: endpoint.resourceUpdated,
    close: endpoint.close,
  }) satisfies OpenDoor;
