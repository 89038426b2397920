import type { ApiItem, ApiOperation, Tool } from '@stoa/generated/schemas.ts';
import type { Steps } from '@stoa/lib/slices.ts';
import { lazyValidator, schemaFault } from './arguments/arguments.ts';
import type { ValidateArguments } from './arguments/arguments.ts';
import { judgeCall, mayBePermitted } from './cedar/decision.ts';
import type { WouldBeCall } from './cedar/decision.ts';
import { PolicySet } from './cedar/policy-set.ts';
import type {
  ApiEntry,
  ApiPolicies,
  BuildResult,
  ConsumerEntry,
  NamedText,
  OperationEntry,
  PlacedCredential,
  PolicyRule,
  Proof,
  ToolEntry,
} from '../model.ts';
import { ApiRejection } from './api-rejection.ts';
import { withLifecycle } from './lifecycle.ts';
import type { ToolDefinition } from './lifecycle.ts';
import { combinePolicies } from './policies.ts';
import { LazyForwarding } from './request/forwarding.ts';
import { RouteTable } from './routes.ts';
import { compileRequest } from './request/build.ts';
import { credentialsFor } from './request/credentials.ts';
import { resolveCredentials } from './request/resolve-credentials.ts';
import type { CompiledRequest, UpstreamTarget } from './request/build.ts';
import type { RuntimeSecrets } from './secrets.ts';

const maxConsumersRemembered = 10_000;

/**
 * Compiles one API and the policies on it, an operation a step. An operation that cannot be made a tool is left out of the tools and named
 * in `warnings`, the others live on (lesson 34); it stays a route. Throws `ApiRejection` when nothing of the API can be served.
 */
export function* compileApi(item: ApiItem, rules: readonly PolicyRule[], secrets: RuntimeSecrets): Steps<ApiEntry> {
  const { origin, basePath } = upstreamOf(item.upstream.url);
  const policies = combinePolicies(rules);
  const { credentials, identity } = resolveCredentials(item.upstream, originsOf(item, origin), secrets);
  requireTokens(
    credentials.flatMap(({ proof }) => proof ?? []),
    policies,
  );
  const target = { basePath, credentials, headers: policies.requestHeaders };
  const operations: OperationEntry[] = [];
  const tools: ToolEntry[] = [];
  const names = new Set<string>();
  const warnings: string[] = [];
  const access = createGate(item, policies.toolAccess);
  const matchBelow = matcherBelow(item, operations);
  const api: ApiEntry = { id: item.api_id, name: item.name, item, rules, origin, policies, operations, tools, warnings, ...access, matchBelow };
  for (const [index, operation] of item.operations.entries()) {
    const { operation_id: operationId, method, path, query, tool, server } = operation;
    yield;
    try {
      // One of its own where the document names one and the API was imported without an upstream URL.
      const served = server === undefined ? { origin, basePath } : upstreamOf(server);
      const context = { ...target, basePath: served.basePath };
      const place = { origin: served.origin, pathTemplate: served.basePath + path, query };
      const forwarding = new LazyForwarding(operation, context, policies.keyHeaders);
      const proofs = proofsFor(credentials, operation);
      const line = identity === undefined ? served.origin : `${served.origin} ${identity.name}`;
      const entry = { api, index, operationId, method, ...place, toolName: tool.name, forwarding, proofs, identity, line };
      operations.push(entry);
      if (names.has(tool.name)) throw new Error(`the API ${api.name} has one of the same name`);
      tools.push(compileTool(operation, entry, context, warnings));
      names.add(tool.name);
    } catch (error) {
      warnings.push(`The tool ${tool.name} is not served: ${(error as Error).message}.`);
    }
  }
  warnings.push(...unmetNames(api));
  if (tools.length === 0 && item.operations.length > 0) throw new ApiRejection(`No tool of the API can be served. ${warnings.join(' ')}`);
  return api;
}

/** A policy that names operations of which the API has none has nothing of it wait, which its owner may believe it does. */
function unmetNames({ policies, operations }: ApiEntry): string[] {
  return policies.approvals.flatMap(({ policy, operations: names }) =>
    names === undefined || operations.some(({ operationId, toolName }) => names.has(operationId) || names.has(toolName))
      ? []
      : [`The policy ${policy} has nothing of this API wait for a person: it has none of the operations that the policy names.`],
  );
}

/** Where its requests go. What is no URL is told where its operation is compiled. */
function originsOf({ operations }: ApiItem, origin: string): string[] {
  const own = operations.flatMap(({ server }) => (server !== undefined && URL.canParse(server) ? [new URL(server).origin] : []));
  return [...new Set([origin, ...own])];
}

const noProofs: readonly Proof[] = [];

function proofsFor(credentials: readonly PlacedCredential[], { security }: ApiOperation): readonly Proof[] {
  if (credentials.every(({ proof }) => proof === undefined)) return noProofs;
  return credentialsFor(credentials, security).flatMap(({ proof }) => proof ?? []);
}

/** Where every caller has to show a key, and none a token, there is nothing to exchange. */
export function requireTokens(proofs: readonly Proof[], { keys, tokens }: ApiPolicies): void {
  if (keys !== 'demanded' || tokens.length > 0 || !proofs.some(({ kind }) => kind === 'token_exchange')) return;
  throw new ApiRejection(
    "Its upstream wants a token in exchange for the caller's, and its policies have callers show a consumer key alone: attach a jwt_auth, or let the api_key_auth take a token too (or_token).",
  );
}

/** Made at the first request: most APIs are called as tools alone. */
function matcherBelow({ operations: source }: ApiItem, operations: readonly OperationEntry[]): ApiEntry['matchBelow'] {
  let match: ApiEntry['matchBelow'] | undefined;
  return (method, path, query) => {
    if (match === undefined) {
      const table = new RouteTable(({ index }) => source[index]?.path ?? '');
      for (const operation of operations) if (operation.method !== 'TRACE') table.add(operation);
      match = table.publish();
    }
    return match(method, path, query);
  };
}

function upstreamOf(text: string): { origin: string; basePath: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw new ApiRejection('The upstream URL must be an absolute http or https URL.');
  if (url.username !== '' || url.password !== '')
    throw new ApiRejection("The upstream URL must not hold credentials: put them in the upstream's auth header.");
  if (url.search !== '' || url.hash !== '') throw new ApiRejection('The upstream URL must not hold a query or a fragment.');
  return { origin: url.origin, basePath: url.pathname.replace(/\/+$/, '') };
}

function compileTool(operation: ApiOperation, entry: OperationEntry, context: UpstreamTarget, warnings: string[]): ToolEntry {
  const { tool } = operation;
  if (operation.method === 'TRACE') throw new Error('TRACE would send the request, secrets included, back');
  if (!operation.path.startsWith('/')) throw new Error('its path does not begin with a slash');
  const fault = schemaFault(tool.input_schema);
  if (fault !== undefined) throw new Error(`its input schema ${fault}`);
  for (const warning of compileRequest(operation, context).warnings) warnings.push(`In the tool ${tool.name}, ${warning}.`);
  const definition = withLifecycle(withoutBrokenOutput(tool, warnings), entry.api.item.lifecycle);
  return new CompiledTool(entry, definition, operation, context);
}

/** What calls of a tool need is made with its first call: of 10,000 tools most are never called, and hold nothing but their item. */
class CompiledTool implements ToolEntry {
  readonly name: string;
  readonly definition: ToolDefinition;
  readonly operation: OperationEntry;
  readonly #source: ApiOperation;
  readonly #target: UpstreamTarget;
  #validate: ValidateArguments | undefined;
  #validateResult: ValidateArguments | undefined;
  #request: CompiledRequest | undefined;

  constructor(operation: OperationEntry, definition: ToolDefinition, source: ApiOperation, target: UpstreamTarget) {
    this.name = definition.name;
    this.definition = definition;
    this.operation = operation;
    this.#source = source;
    this.#target = target;
  }

  get validate(): ValidateArguments {
    return (this.#validate ??= lazyValidator(this.definition.input_schema));
  }

  get validateResult(): ValidateArguments | undefined {
    const { output_schema: output } = this.definition;
    return output === undefined ? undefined : (this.#validateResult ??= lazyValidator(output));
  }

  buildRequest(args: Record<string, unknown>): BuildResult {
    return (this.#request ??= compileRequest(this.#source, this.#target)).build(args);
  }
}

/** Clients of the SDKs compile every output schema when they list the tools: one that cannot be compiled costs them the whole list. */
function withoutBrokenOutput(tool: Tool, warnings: string[]): Tool {
  const { output_schema: output, ...rest } = tool;
  const fault = output === undefined ? undefined : schemaFault(output);
  if (fault === undefined) return tool;
  warnings.push(`The output schema of the tool ${tool.name} is not listed: it ${fault}.`);
  return rest;
}

/** Verdicts are kept as one byte for each operation of the API: 0 not known, 1 permitted, 2 not. */
export function createGate(item: ApiItem, texts: readonly NamedText[]): Pick<ApiEntry, 'permits' | 'judgeCall'> {
  if (texts.length === 0) return { permits: () => true, judgeCall: undefined };
  const set = new PolicySet(texts);
  const wouldBe = (consumer: ConsumerEntry, operation: OperationEntry): WouldBeCall => ({
    consumer,
    operation,
    hints: item.operations[operation.index]?.tool.annotations ?? {},
  });
  const verdicts = new Map<string, Uint8Array>();
  return {
    permits(consumer, operation) {
      let known = verdicts.get(consumer.cedarKey);
      if (known === undefined) {
        if (verdicts.size >= maxConsumersRemembered) verdicts.clear();
        verdicts.set(consumer.cedarKey, (known = new Uint8Array(item.operations.length)));
      }
      if (known[operation.index] === 0) known[operation.index] = mayBePermitted(set, wouldBe(consumer, operation)) ? 1 : 2;
      return known[operation.index] === 1;
    },
    judgeCall: set.readsContext ? (consumer, operation, facts) => judgeCall(set, wouldBe(consumer, operation), facts) : undefined,
  };
}
