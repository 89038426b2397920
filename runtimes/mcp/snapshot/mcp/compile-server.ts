import { hash } from 'node:crypto';
import type { ApiItem, ApiOperation, McpServerItem, Tool } from '@stoa/generated/schemas.ts';
import { textIn, membersOf, withMembers } from '@stoa/lib/json-members.ts';
import type { Steps } from '@stoa/lib/slices.ts';
import { mcpRequestNames } from '../../model.ts';
import type {
  ApiEntry,
  ClientIdentity,
  McpCatalog,
  McpListed,
  McpOffer,
  McpPlace,
  McpRequestName,
  McpSide,
  OperationEntry,
  PlacedCredential,
  PolicyRule,
  ToolEntry,
} from '../../model.ts';
import { ApiRejection } from '../api-rejection.ts';
import { createGate, requireTokens } from '../compile-api.ts';
import { combinePolicies } from '../policies.ts';
import { credentialsFor, sentIn } from '../request/credentials.ts';
import { LazyForwarding } from '../request/forwarding.ts';
import { resolveCredentials } from '../request/resolve-credentials.ts';
import type { RuntimeSecrets } from '../secrets.ts';
import { prefixedName } from './names.ts';
import { servedOffers } from './pinning.ts';

/** What is known of MCP servers and of this runtime besides the configuration. */
export type McpKnowledge = {
  /** What a server was found to offer, by its id. */
  catalogOf(serverId: string): McpCatalog | undefined;
  /** Whether this runtime has a command of the name to start. */
  hasCommand(name: string): boolean;
};

export const noMcpKnowledge: McpKnowledge = { catalogOf: () => undefined, hasCommand: () => false };

/** Where one is reached that is no URL. */
const processOrigin = 'stdio:';

type Way = {
  readonly place: McpPlace;
  readonly origin: string;
  readonly identity: ClientIdentity | undefined;
  /** Of calls, and of what the gateway asks for itself. */
  readonly proofs: OperationEntry['proofs'];
  readonly ownProofs: OperationEntry['proofs'];
};

/**
 * Makes an entry of an MCP server and the policies on it, as of an API: its tools are operations that are decided on like any, and so is each kind of request besides. What it offers is what it was last
 * found to. Throws `ApiRejection` when it cannot be served.
 */
export function* compileServer(item: McpServerItem, rules: readonly PolicyRule[], secrets: RuntimeSecrets, known: McpKnowledge): Steps<ApiEntry> {
  const policies = combinePolicies(rules);
  const way = item.http === undefined ? wayToProcess(item, known) : wayToUrl(item.http, policies.requestHeaders, secrets);
  requireTokens(way.proofs, policies);
  const catalog = known.catalogOf(item.mcp_server_id);
  const warnings: string[] = [];
  const offers = catalog === undefined ? [] : servedOffers(item, catalog);
  const listed = { tool: [], prompt: [], resource: [], resource_template: [] } as Record<McpOffer['kind'], McpListed[]>;
  const names = new Set<string>();
  for (const offer of offers) {
    yield;
    const entry = listedAs(item.prefix, offer);
    const place = `${offer.kind} ${entry.name}`;
    if (names.has(place)) warnings.push(`One ${offer.kind.replace('_', ' ')} more is called ${entry.name}: it is not served.`);
    else listed[offer.kind].push(entry);
    names.add(place);
  }
  const operations: OperationEntry[] = [];
  const tools: ToolEntry[] = [];
  const source = [...mcpRequestNames.map((name) => operationOf(name, `${item.prefix}${name}`, {})), ...listed.tool.map(operationOfTool)];
  const api = apiItemOf(item, source);
  const mcp: McpSide = {
    item,
    place: way.place,
    connection: hash(
      'sha256',
      JSON.stringify([item.http?.url, item.stdio?.command, way.place, way.identity?.name, [...way.proofs, ...way.ownProofs].map(nameOfProof)]),
      'hex',
    ),
    ownProofs: way.ownProofs,
    catalog,
    prompts: listed.prompt,
    resources: listed.resource,
    templates: listed.resource_template,
    requests: {} as Record<McpRequestName, OperationEntry>,
  };
  const gate = createGate(api, policies.toolAccess);
  const noRoute = (): { kind: 'none' } => ({ kind: 'none' });
  const entry: ApiEntry = {
    id: item.mcp_server_id,
    name: item.name,
    item: api,
    rules,
    origin: way.origin,
    policies,
    operations,
    tools,
    warnings,
    ...gate,
    matchBelow: noRoute,
    mcp,
  };
  const line = way.identity === undefined ? way.origin : `${way.origin} ${way.identity.name}`;
  for (const [index, operation] of source.entries()) {
    const { operation_id: operationId, method, path, tool } = operation;
    const forwarding = new LazyForwarding(operation, { basePath: '', credentials: [], headers: policies.requestHeaders }, policies.keyHeaders);
    const { origin, identity, proofs } = way;
    const made = {
      api: entry,
      index,
      operationId,
      method,
      origin,
      pathTemplate: path,
      query: undefined,
      forwarding,
      toolName: tool.name,
      proofs,
      identity,
      line,
    };
    operations.push(made);
    const remote = listed.tool[index - mcpRequestNames.length];
    if (remote === undefined) Object.assign(mcp.requests, { [operationId]: made });
    else tools.push(new RemoteTool(made, tool, remote));
    yield;
  }
  return entry;
}

/** A tool whose arguments its own server judges: it alone knows what it makes of them. */
class RemoteTool implements ToolEntry {
  readonly name: string;
  readonly definition: Tool;
  readonly operation: OperationEntry;
  readonly remote: McpListed;
  readonly validateResult = undefined;

  constructor(operation: OperationEntry, definition: Tool, remote: McpListed) {
    this.name = definition.name;
    this.definition = definition;
    this.operation = operation;
    this.remote = remote;
  }

  validate(): [] {
    return [];
  }

  buildRequest(args: Record<string, unknown>): ReturnType<ToolEntry['buildRequest']> {
    const body = JSON.stringify(args);
    return { ok: true, request: { path: '', headers: ['content-type', 'application/json'], body, bodyBytes: Buffer.byteLength(body) } };
  }
}

/** URIs are nobody's to rename; names of tools and prompts get the prefix, and nothing else of them is touched. */
function listedAs(prefix: string, { kind, name: ownName, text }: McpOffer): McpListed {
  if (kind === 'resource' || kind === 'resource_template') return { name: ownName, ownName, text };
  const name = prefixedName(prefix, ownName);
  return { name, ownName, text: withMembers(text, { name: JSON.stringify(name) }) };
}

function operationOfTool({ name, ownName, text }: McpListed): ApiOperation {
  const members = membersOf(text);
  const hints = JSON.parse(members?.get('annotations') ?? '{}') as unknown;
  const annotations =
    typeof hints === 'object' && hints !== null ? Object.fromEntries(Object.entries(hints).filter(([, hint]) => typeof hint === 'boolean')) : {};
  const description = textIn(members, 'description');
  return operationOf(ownName, name, annotations, description);
}

function operationOf(operationId: string, name: string, annotations: Tool['annotations'], description?: string): ApiOperation {
  const tool: Tool = { name, ...(description !== undefined && { description }), input_schema: { type: 'object' }, annotations };
  return { operation_id: operationId, method: 'POST', path: '/', tool, bindings: [] };
}

function apiItemOf(item: McpServerItem, operations: ApiOperation[]): ApiItem {
  const { id, mcp_server_id: apiId, name, title, http, subscription_required: subscriptionRequired } = item;
  const upstream = { url: http?.url ?? processOrigin };
  return {
    id,
    kind: 'api',
    api_id: apiId,
    name,
    version: '',
    title: title ?? name,
    revision: 1,
    upstream,
    operations,
    subscription_required: subscriptionRequired,
  };
}

function wayToProcess({ stdio, http }: McpServerItem, known: McpKnowledge): Way {
  const command = stdio?.command;
  if (command === undefined || http !== undefined)
    throw new ApiRejection('An MCP server is reached by a URL or as a process: its item has neither, or both.');
  if (!known.hasCommand(command)) throw new ApiRejection(`This runtime has no command ${command} in STOA_MCP_COMMANDS, which only a Link may have.`);
  return { place: { kind: 'stdio', command }, origin: `${processOrigin}${command}`, identity: undefined, proofs: [], ownProofs: [] };
}

function wayToUrl(
  { url: text, credentials: given }: NonNullable<McpServerItem['http']>,
  headers: ReturnType<typeof combinePolicies>['requestHeaders'],
  secrets: RuntimeSecrets,
): Way {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '' || url.hash !== '')
    throw new ApiRejection('The URL of an MCP server must be an absolute http or https URL without credentials and without a fragment.');
  const { credentials, identity } = resolveCredentials({ url: text, ...(given !== undefined && { credentials: given }) }, [url.origin], secrets);
  const ofCallers = credentials.filter(({ proof }) => proof !== undefined && isOfCaller(proof));
  // What one caller shows goes before what the gateway shows in the same place.
  const called = credentialsFor([...ofCallers, ...credentials], undefined);
  const own = credentialsFor(
    credentials.filter((credential) => !ofCallers.includes(credential)),
    undefined,
  );
  for (const { name, value } of sentIn(own, 'query')) url.searchParams.append(name, value);
  const place = { kind: 'http' as const, path: `${url.pathname}${url.search}`, headers: headersOf(own, headers) };
  return {
    place: ofCallers.length === 0 ? place : { ...place, besideCallers: headersOf(called, headers) },
    origin: url.origin,
    identity,
    proofs: proofsOf(called),
    ownProofs: proofsOf(own),
  };
}

const proofsOf = (placed: readonly PlacedCredential[]): OperationEntry['proofs'] => placed.flatMap(({ proof }) => proof ?? []);
const isOfCaller = ({ kind }: OperationEntry['proofs'][number]): boolean => kind === 'token_exchange' || kind === 'assertion';

function headersOf(placed: readonly PlacedCredential[], { set }: ReturnType<typeof combinePolicies>['requestHeaders']): string[] {
  const all = new Map(set);
  for (const { name, value } of sentIn(placed, 'header')) all.set(name.toLowerCase(), value);
  const cookies = sentIn(placed, 'cookie').map(({ name, value }) => `${name}=${value}`);
  if (cookies.length > 0) all.set('cookie', cookies.join('; '));
  return [...all].flat();
}

const nameOfProof = (proof: OperationEntry['proofs'][number]): string => (proof.kind === 'assertion' ? proof.kind : proof.name);
