import { permittedOf } from '../visibility.ts';
import type { ApiEntry, McpSide, Snapshot, SnapshotChanges, ToolChange, ToolEntry, ToolSetEntry } from '../../model.ts';

/** Lists of consumers that are remembered for one set. */
const maxLists = 1000;
const nothing: ToolSetEntry = { item: undefined, tools: new Map(), inOrder: [], operations: new Set() };
const noServers: ReadonlyMap<string, ApiEntry> = new Map();

const views = new WeakMap<Snapshot, Map<string, Snapshot>>();

/**
 * What is served at the address of a tool set: a snapshot like any other, with the tools of the set alone. Whoever is subscribed to the set needs no subscription to what is
 * behind it; everything else is asked as it is at `/mcp`. The same view as long as the snapshot is the same; an empty one of a set that is not there.
 */
export function viewOf(snapshot: Snapshot, name: string): Snapshot {
  const known = views.get(snapshot) ?? new Map<string, Snapshot>();
  views.set(snapshot, known);
  let view = known.get(name);
  if (view === undefined) {
    view = makeView(snapshot, snapshot.toolSets.get(name) ?? nothing);
    // Names of sets that are not there come from callers.
    if (snapshot.toolSets.has(name)) known.set(name, view);
  }
  return view;
}

function makeView(snapshot: Snapshot, { item, tools, inOrder, operations }: ToolSetEntry): Snapshot {
  const lists = new Map<string, readonly ToolEntry[]>();
  const permits: Snapshot['permits'] = (consumerId, operation) => {
    if (item === undefined || !operations.has(operation)) return false;
    return snapshot.permits(consumerId, operation, snapshot.subscriptions.get(consumerId)?.has(item.tool_set_id) === true);
  };
  return Object.freeze({
    ...snapshot,
    tools,
    mcpServers: serversOf(snapshot, inOrder),
    permits,
    visibleTools(consumerId) {
      const known = lists.get(consumerId);
      if (known !== undefined) return known;
      const list = permittedOf(inOrder, permits, consumerId);
      if (lists.size >= maxLists) lists.clear();
      lists.set(consumerId, list);
      return list;
    },
    set: item,
  } satisfies Snapshot);
}

/** Of the MCP servers nothing but their tools is in a set: what else they offer is served at `/mcp`. */
function serversOf(snapshot: Snapshot, tools: readonly ToolEntry[]): ReadonlyMap<string, ApiEntry> {
  const servers = new Map<string, ApiEntry>();
  for (const { remote, operation } of tools) {
    const api = remote === undefined ? undefined : snapshot.mcpServers.get(operation.api.id);
    if (api?.mcp !== undefined && !servers.has(api.id)) servers.set(api.id, { ...api, mcp: toolsAlone(api.mcp) });
  }
  return servers.size === 0 ? noServers : servers;
}

function toolsAlone(mcp: McpSide): McpSide {
  const { catalog } = mcp;
  const none = { prompts: [], resources: [], templates: [] };
  if (catalog === undefined) return { ...mcp, ...none };
  const capabilities = new Map([...catalog.capabilities].filter(([name]) => name === 'tools' || name === 'logging'));
  return { ...mcp, ...none, catalog: { ...catalog, capabilities, instructions: undefined } };
}

/** How a set differs in the next of two snapshots. */
export function changesOf(name: string, previous: Snapshot, next: Snapshot, { consumers, everything }: SnapshotChanges): SnapshotChanges {
  const [before, after] = [viewOf(previous, name), viewOf(next, name)];
  const tools = new Map<string, ToolChange>();
  for (const each of new Set([...before.tools.keys(), ...after.tools.keys()])) {
    const change = { before: before.tools.get(each), after: after.tools.get(each) };
    if (change.before !== change.after) tools.set(each, change);
  }
  return { tools, consumers, everything };
}
