import type { ApiItem, McpServerItem } from '@stoa/generated/schemas.ts';
import type { Steps } from '@stoa/lib/slices.ts';
import { VersionedMap } from '@stoa/lib/versioned-map.ts';
import { ApiRejection } from '../api-rejection.ts';
import { compileApi } from '../compile-api.ts';
import { compileServer } from '../mcp/compile-server.ts';
import type { McpKnowledge } from '../mcp/compile-server.ts';
import type { ApiEntry, OperationEntry, PolicyRule, ToolChange, ToolEntry } from '../../model.ts';
import { RouteTable } from '../routes.ts';
import { Claims, Uses } from './claims.ts';
import type { RuntimeSecrets } from '../secrets.ts';
import type { PolicyTable } from './policies.ts';

/** Where an API is served as a version, below `/apis`. */
export const versionOf = ({ item: { lifecycle } }: Pick<ApiEntry, 'item'>): string | undefined =>
  lifecycle?.version === undefined ? undefined : `${lifecycle.version_of}/${lifecycle.version}`;
/** What is compiled to an entry of its own. */
type ServedItem = ApiItem | McpServerItem;
const ownerOf = (item: ServedItem): string => (item.kind === 'api' ? item.api_id : item.mcp_server_id);

/** What is served: the compiled APIs, and what only one of them can have. */
export class ApiTable {
  /** By the id of the API. */
  readonly apis = new VersionedMap<string, ApiEntry>();
  /** Those that are MCP servers. */
  readonly mcpServers = new VersionedMap<string, ApiEntry>();
  /** By its name. */
  readonly byName = new VersionedMap<string, ApiEntry>();
  /** By `<name>/<version>`, for those that are versions. */
  readonly byVersion = new VersionedMap<string, ApiEntry>();
  readonly tools = new VersionedMap<string, ToolEntry>();
  readonly origins = new VersionedMap<string, true>();
  readonly keyHeaders = new VersionedMap<string, true>();
  readonly limits = new VersionedMap<string, true>();
  /** Those of plans are kept among them. */
  readonly limitUses = new Uses(this.limits);
  /** Undefined where no door judges paths. */
  readonly routes: RouteTable | undefined;
  /** Whether an API or MCP server is another one since `finish` was run last, also one whose tools others hold the names of. */
  areOthers = false;
  readonly #uses = { origins: new Uses(this.origins), keyHeaders: new Uses(this.keyHeaders), limits: this.limitUses };
  readonly #policies: PolicyTable;
  readonly #secrets: RuntimeSecrets;
  readonly #mcp: McpKnowledge;
  /** By the id of the item, as all that follows. */
  readonly #items = new Map<string, ServedItem>();
  readonly #entries = new Map<string, ApiEntry>();
  readonly #faults = new Map<string, string>();
  readonly #byApi = new Claims<ServedItem>((item) => item.id);
  readonly #byTool = new Claims<ToolEntry>((tool) => tool.operation.api.item.id);
  readonly #byRoute = new Claims<ApiEntry>((api) => api.item.id);
  /** Items and names of tools to look at again. */
  readonly #stale = new Set<string>();
  readonly #names = new Set<string>();
  /** Told of each item whose acknowledgement may be another one. */
  readonly #touch: (itemId: string) => void;

  constructor(policies: PolicyTable, known: { secrets: RuntimeSecrets; mcp: McpKnowledge }, judgesPaths: boolean, touch: (itemId: string) => void) {
    this.#secrets = known.secrets;
    this.#mcp = known.mcp;
    this.#policies = policies;
    this.#touch = touch;
    this.routes = judgesPaths ? new RouteTable() : undefined;
  }

  replace(before: ServedItem | undefined, after: ServedItem | undefined): void {
    for (const item of [before, after]) if (item !== undefined) this.#stale.add(item.id);
    if (before !== undefined) {
      this.#byApi.delete(ownerOf(before), before);
      this.#items.delete(before.id);
      this.policiesChanged(ownerOf(before));
    }
    if (after === undefined) return;
    this.policiesChanged(ownerOf(after));
    this.#byApi.add(ownerOf(after), after);
    this.#items.set(after.id, after);
  }

  /** Has the items of an API looked at again. */
  policiesChanged(apiId: string): void {
    for (const item of this.#byApi.all(apiId)) this.#stale.add(item.id);
  }

  /** Compiles what is to be compiled, and answers the tools that are others now. To be called once all items of a change were replaced. */
  *finish(): Steps<ReadonlyMap<string, ToolChange>> {
    this.areOthers = false;
    for (const id of this.#stale) {
      this.#touch(id);
      const known = this.#entries.get(id);
      const entry = yield* this.#compile(id, known);
      if (entry === known) continue;
      this.areOthers = true;
      if (known !== undefined) yield* this.#withdraw(known);
      if (entry !== undefined) yield* this.#serve(entry);
    }
    this.#stale.clear();
    return yield* this.#giveNames();
  }

  /** An API is never served without a policy that is attached to it: one that cannot be enforced takes its APIs with it. */
  *#compile(id: string, known: ApiEntry | undefined): Steps<ApiEntry | undefined> {
    this.#faults.delete(id);
    const item = this.#items.get(id);
    if (item === undefined) return undefined;
    const rules = this.#policies.on(ownerOf(item));
    const unenforceable = rules.filter(({ assessment }) => assessment.state === 'rejected').map(({ name }) => name);
    if (unenforceable.length > 0) return this.#reject(id, `Not served, because a policy on it cannot be enforced: ${unenforceable.join(', ')}.`);
    if (this.#byApi.all(ownerOf(item))[0] !== item) return this.#reject(id, 'Another item holds the same API.');
    if (isUpToDate(known, item, this.#mcp) && isSame(known.rules, rules)) return known;
    try {
      if (item.kind === 'mcp_server') return yield* compileServer(item, rules, this.#secrets, this.#mcp);
      return yield* compileApi(item, rules, this.#secrets);
    } catch (error) {
      // A fault in one API, foreseen or not, must not empty the others' tool list.
      return this.#reject(id, error instanceof ApiRejection ? error.message : `It could not be compiled: ${(error as Error).message}`);
    }
  }

  #reject(id: string, reason: string): undefined {
    this.#faults.set(id, reason);
  }

  *#serve(api: ApiEntry): Steps<void> {
    this.#entries.set(api.item.id, api);
    this.apis.set(api.id, api);
    if (api.mcp === undefined) this.byName.set(api.name, api);
    else this.mcpServers.set(api.id, api);
    const version = versionOf(api);
    if (version !== undefined) this.byVersion.set(version, api);
    for (const tool of api.tools) {
      this.#byTool.add(tool.name, tool);
      this.#touchToolRivals(tool.name);
      yield;
    }
    for (const route of routesOf(api, this.routes)) {
      this.#byRoute.add(route, api);
      this.#touchRouteRivals(route);
      yield;
    }
    for (const [kind, name] of usedBy(api)) this.#uses[kind].add(name);
    for (const operation of pathsOf(api)) {
      this.routes?.add(operation);
      yield;
    }
  }

  *#withdraw(api: ApiEntry): Steps<void> {
    this.#entries.delete(api.item.id);
    if (this.apis.get(api.id) === api) this.apis.delete(api.id);
    if (this.mcpServers.get(api.id) === api) this.mcpServers.delete(api.id);
    if (this.byName.get(api.name) === api) this.byName.delete(api.name);
    const version = versionOf(api);
    if (version !== undefined && this.byVersion.get(version) === api) this.byVersion.delete(version);
    for (const tool of api.tools) {
      this.#touchToolRivals(tool.name);
      this.#byTool.delete(tool.name, tool);
      yield;
    }
    for (const route of routesOf(api, this.routes)) {
      this.#touchRouteRivals(route);
      this.#byRoute.delete(route, api);
      yield;
    }
    for (const [kind, name] of usedBy(api)) this.#uses[kind].delete(name);
    for (const operation of pathsOf(api)) {
      this.routes?.delete(operation);
      yield;
    }
  }

  #touchToolRivals(name: string): void {
    this.#names.add(name);
    const rivals = this.#byTool.all(name);
    if (rivals.length > 1) for (const { operation } of rivals) this.#touch(operation.api.item.id);
  }

  #touchRouteRivals(route: string): void {
    const rivals = this.#byRoute.all(route);
    if (rivals.length > 1) for (const { item } of rivals) this.#touch(item.id);
  }

  *#giveNames(): Steps<ReadonlyMap<string, ToolChange>> {
    const changes = new Map<string, ToolChange>();
    for (const name of this.#names) {
      const before = this.tools.get(name);
      const [after] = this.#byTool.all(name);
      if (before !== after) changes.set(name, { before, after });
      if (after === undefined) this.tools.delete(name);
      else this.tools.set(name, after);
      yield;
    }
    this.#names.clear();
    return changes;
  }

  /** Why an item is not served; undefined when it is. */
  faultOf(itemId: string): string | undefined {
    return this.#faults.get(itemId);
  }

  /** What of an item is not served, in sentences. */
  warningsOf(itemId: string): readonly string[] {
    const api = this.#entries.get(itemId);
    return api === undefined ? [] : [...api.warnings, ...this.#lostTools(api), ...this.#lostRoutes(api)];
  }

  #lostTools({ tools }: ApiEntry): string[] {
    return tools.flatMap((tool) => {
      const [holder] = this.#byTool.all(tool.name);
      return holder === tool || holder === undefined ? [] : [nameTaken(tool.name, holder.operation)];
    });
  }

  /** Tools have names of their own: only a door that judges a path has to know whose it is. */
  #lostRoutes(api: ApiEntry): string[] {
    return [...routesOf(api, this.routes)].flatMap((route) => {
      const [owner] = this.#byRoute.all(route);
      return owner === api || owner === undefined ? [] : [`${route} is a route of ${owner.name} too: /authz denies it.`];
    });
  }
}

function nameTaken(name: string, { api }: OperationEntry): string {
  return `The tool ${name} is not served: the API ${api.name} has one of the same name.`;
}

const isSame = (one: readonly PolicyRule[], other: readonly PolicyRule[]): boolean =>
  one.length === other.length && one.every((rule, index) => rule === other[index]);

/** What is reached by a path: nothing of an MCP server. */
const pathsOf = ({ operations, mcp }: ApiEntry): readonly OperationEntry[] => (mcp === undefined ? operations : []);

/** An MCP server is another one also when it was found to offer something else. */
function isUpToDate(known: ApiEntry | undefined, item: ServedItem, mcp: McpKnowledge): known is ApiEntry {
  if (known?.mcp === undefined) return known?.item === item;
  return known.mcp.item === item && known.mcp.catalog === mcp.catalogOf(known.id);
}

function routesOf(api: ApiEntry, table: RouteTable | undefined): ReadonlySet<string> {
  if (table === undefined) return new Set();
  return new Set(pathsOf(api).map(({ method, pathTemplate }) => `${method} ${pathTemplate.replace(/\{[^{}]*\}/g, '{}')}`));
}

type Use = readonly [kind: 'origins' | 'keyHeaders' | 'limits', name: string];

/** Each once. */
function usedBy({ operations, policies }: ApiEntry): readonly Use[] {
  const origins = new Set(operations.map(({ line }) => line));
  return [
    ...Array.from(origins, (name): Use => ['origins', name]),
    ...Array.from(new Set(policies.keyHeaders), (name): Use => ['keyHeaders', name]),
    ...policies.limits.map(({ policyId }): Use => ['limits', policyId]),
  ];
}
