import type { Engine } from '../../../engine.ts';
import { changesOf, viewOf } from '../../../snapshot/sets/view.ts';
import type { OpenDoor } from '../../door.ts';
import { createMcpEndpoint } from '../endpoint.ts';
import type { McpEndpoint, McpEndpointOptions } from '../endpoint.ts';
import { mcpPath, setNameIn } from '../protected-resource.ts';

export type SetEndpoints = Required<Pick<OpenDoor, 'handle' | 'handleQuick' | 'snapshotReplaced' | 'close'>>;

/**
 * The addresses of tool sets, each an endpoint of its own below `/mcp`: with its own streams, sessions and audience of tokens, and the decisions of the one engine. One is
 * made at the first request, and ends with its set. Whoever asks for a set that is not there has to say who he is before he is told.
 */
export function openSets(options: McpEndpointOptions): SetEndpoints {
  const { engine } = options;
  const endpoints = new Map<string, McpEndpoint>();
  const absent = createMcpEndpoint({ ...options, engine: viewing(engine, ''), isThere: false });
  const endpointOf = (name: string): McpEndpoint => {
    const known = endpoints.get(name);
    if (known !== undefined) return known;
    if (!engine.snapshot.toolSets.has(name)) return absent;
    const made = createMcpEndpoint({ ...options, engine: viewing(engine, name), path: `${mcpPath}/${name}` });
    endpoints.set(name, made);
    return made;
  };
  return {
    handle(path, request, response) {
      const name = setNameIn(path);
      return name === undefined ? false : endpointOf(name).handle(request, response);
    },
    handleQuick(request, reply) {
      if (request.method !== 'POST' || request.url?.startsWith(`${mcpPath}/`) !== true) return false;
      return endpoints.get(request.url.slice(mcpPath.length + 1))?.handleQuick(request, reply) === true;
    },
    async snapshotReplaced(previous, changes) {
      const { snapshot } = engine;
      for (const [name, endpoint] of [...endpoints]) {
        if (snapshot.toolSets.has(name)) await endpoint.snapshotReplaced(viewOf(previous, name), changesOf(name, previous, snapshot, changes));
        else {
          endpoints.delete(name);
          await endpoint.close();
        }
      }
    },
    async close() {
      for (const endpoint of [absent, ...endpoints.values()]) await endpoint.close();
    },
  };
}

/** The engine as it is, serving the tools of one set. */
function viewing(engine: Engine, name: string): Engine {
  return Object.create(engine, { snapshot: { get: () => viewOf(engine.snapshot, name) } }) as Engine;
}
