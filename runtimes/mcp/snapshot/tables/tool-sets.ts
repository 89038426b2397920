import type { ToolSetItem } from '@stoa/generated/schemas.ts';
import type { Steps } from '@stoa/lib/slices.ts';
import { VersionedMap } from '@stoa/lib/versioned-map.ts';
import type { ApiEntry, ToolEntry, ToolSetEntry } from '../../model.ts';
import { adaptTool, baseOf } from '../sets/adapt-tool.ts';
import type { AdaptedTool } from '../sets/adapt-tool.ts';

type SaidTool = ToolSetItem['tools'][number];
type Kept = { readonly base: ToolEntry; readonly adapted: AdaptedTool };

/** The tool sets that are served, made of what the APIs and MCP servers have at the moment. */
export class ToolSetTable {
  /** By the name that stands in the address. */
  readonly sets = new VersionedMap<string, ToolSetEntry>();
  readonly #items = new Map<string, ToolSetItem>();
  readonly #warnings = new Map<string, readonly string[]>();
  /** As long as a set says the same of a tool that is the same. */
  readonly #adapted = new WeakMap<SaidTool, Kept>();
  readonly #apis: VersionedMap<string, ApiEntry>;
  /** Told of each item whose acknowledgement may be another one. */
  readonly #touch: (itemId: string) => void;
  #isStale = false;

  constructor(apis: VersionedMap<string, ApiEntry>, touch: (itemId: string) => void) {
    this.#apis = apis;
    this.#touch = touch;
  }

  replace(before: ToolSetItem | undefined, after: ToolSetItem | undefined): void {
    this.#isStale = true;
    if (before !== undefined) {
      this.#items.delete(before.id);
      this.#warnings.delete(before.id);
      if (this.sets.get(before.name)?.item === before) this.sets.delete(before.name);
    }
    if (after !== undefined) this.#items.set(after.id, after);
  }

  /** To be called once the APIs of a change are what they are. */
  *finish(areOthers: boolean): Steps<void> {
    if (!this.#isStale && !areOthers) return;
    this.#isStale = false;
    for (const item of this.#items.values()) {
      this.#touch(item.id);
      const former = this.sets.get(item.name);
      const { entry, warnings } = this.#made(item);
      this.#warnings.set(item.id, warnings);
      if (former?.item !== item || !isSame(former, entry)) this.sets.set(item.name, entry);
      yield;
    }
  }

  warningsOf(itemId: string): readonly string[] {
    return this.#warnings.get(itemId) ?? [];
  }

  #made(item: ToolSetItem): { entry: ToolSetEntry; warnings: readonly string[] } {
    const tools = new Map<string, ToolEntry>();
    const warnings: string[] = [];
    for (const said of item.tools) {
      const api = this.#apis.get(said.api_id ?? said.mcp_server_id ?? '');
      const base = baseOf(api, said);
      const own = said.operation ?? said.tool ?? '';
      if (base === undefined) {
        warnings.push(`${own} is not served: ${api === undefined ? 'its API or MCP server is not served' : `${api.name} does not have it`}.`);
        continue;
      }
      const { tool, faults, notes } = this.#adapt(said, base);
      if (tool === undefined) warnings.push(`${own} is not served: ${faults.join('; ')}.`);
      else if (tools.has(tool.name)) warnings.push(`${own} is not served: another tool is called ${tool.name}.`);
      else tools.set(tool.name, tool);
      warnings.push(...notes.map((note) => `Of ${own}: ${note}.`));
    }
    const inOrder = [...tools.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return { entry: { item, tools, inOrder, operations: new Set(inOrder.map(({ operation }) => operation)) }, warnings };
  }

  #adapt(said: SaidTool, base: ToolEntry): AdaptedTool {
    const kept = this.#adapted.get(said);
    if (kept?.base === base) return kept.adapted;
    const adapted = adaptTool(base, said);
    this.#adapted.set(said, { base, adapted });
    return adapted;
  }
}

const isSame = (one: ToolSetEntry, other: ToolSetEntry): boolean =>
  one.inOrder.length === other.inOrder.length && one.inOrder.every((tool, index) => tool === other.inOrder[index]);
