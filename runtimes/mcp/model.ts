import type { KeyObject } from 'node:crypto';
import type {
  ApiItem,
  ApiOperation,
  ContentAction,
  CorsConfig,
  DoorName,
  ItemAck,
  LimitBy,
  McpDefinition,
  McpServerItem,
  PolicySpec,
  ProblemError,
  RateAlgorithm,
  ToolSetItem,
  TrustedIssuerItem,
  UpstreamCredential,
} from '@stoa/generated/schemas.ts';
import type { ValidateArguments } from './snapshot/arguments/arguments.ts';
import type { ToolDefinition } from './snapshot/lifecycle.ts';

/** The ways in that usage records tell apart, in the order in which they are counted. */
export const doorNames = Object.keys({ mcp: true, authz: true, rest: true, grpc: true } satisfies Record<DoorName, true>) as readonly DoorName[];

/** Somebody whose key, token or certificate was recognised. Made by `identify` only: no door takes an identity that a caller asserts (lesson 31). */
export type Caller = {
  readonly consumerId: string;
  readonly consumerName: string;
  /** Undefined for a caller by a token. */
  readonly keyId: string | undefined;
  /** Undefined for a caller by a key. */
  readonly token?: TokenFacts | undefined;
  /** Known by the certificate of the connection alone, or as whom those are taken who present nothing. */
  readonly presentsNothing?: true;
  /** Taken for one because he presented nothing. */
  readonly isAnonymous?: true;
};

/** What of a token counts after it was judged. */
export type TokenFacts = {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly scopes: ReadonlySet<string>;
  /** Of the scopes that every token of its issuer must have. */
  readonly missingScopes: readonly string[];
  /** What it says, for the policies that look at it. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Whose it is is for nobody to say but who holds these; undefined where it is whoever presents it. */
  readonly bound: BoundTo | undefined;
};

/** What the holder of a token has to prove to have (RFC 7800). */
export type BoundTo = {
  /** The SHA-256 thumbprint of a key (RFC 9449 §6.1). */
  readonly jkt?: string;
  /** The SHA-256 thumbprint of a certificate (RFC 8705 §3.1). */
  readonly x5t?: string;
};

/** A call, as policies see it that look at more than who calls what. */
export type CallFacts = {
  readonly arguments: KnownArguments;
  readonly caller: Caller;
  /** From where it comes, where that is known. */
  readonly address: string | undefined;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
};

/** What policies say to a call, and which they are, for operators. */
export type CallJudgement = { readonly permitted: boolean; readonly policies: readonly string[] };

export type IssuerEntry = TrustedIssuerItem;

/** What one policy demands of the token of a caller. */
export type TokenDemand = { readonly issuer: string; readonly audiences: readonly string[]; readonly scopes: readonly string[] };

/** What a key proves, found by its SHA-256 in lower-case hex. */
export type KeyEntry = Caller & {
  readonly keyId: string;
  /** Milliseconds since 1970, exclusive; undefined when the key does not expire. */
  readonly expiresAtMs: number | undefined;
};

export type ConsumerEntry = {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of certificates that prove it. */
  readonly certificates: readonly string[];
  /** How it reaches its tools: listed one by one, or by searching. */
  readonly toolExposure: 'full' | 'search';
  /** Name and labels as text: all that a Cedar policy sees of a consumer, so verdicts are kept under it. */
  readonly cedarKey: string;
};

/**
 * A limit on the calls of each consumer, counted by policy and consumer, whatever door or session they come through. In a plan the id of the policy
 * has that of the plan before it: in each of its plans, and on APIs, a policy is counted by itself.
 */
export type LimitPolicy = {
  readonly policyId: string;
  readonly name: string;
  readonly limit: number;
  /** What passes while replicas that count together cannot; a share of the limit when it is absent. */
  readonly onStoreUnavailable?: 'fail_open' | 'fail_closed' | undefined;
  /** Whose calls are counted together; each consumer's when it is absent. */
  readonly limitBy?: Exclude<LimitBy, 'consumer'>;
} & (
  | {
      readonly kind: 'rate_limit';
      readonly windowS: number;
      /** A window that begins with its first call when it is absent. */
      readonly algorithm?: Exclude<RateAlgorithm, 'fixed_window'>;
      /** Of a token bucket: what fits into it; the limit when it is absent. */
      readonly burst?: number;
    }
  | {
      readonly kind: 'quota';
      readonly period: 'hour' | 'day' | 'month';
      /** Calls when it is absent. */
      readonly unit?: 'bytes';
    }
);

/** What consumers subscribe to together. */
export type PlanEntry = {
  readonly id: string;
  readonly apis: ReadonlySet<string>;
  /** All of it that says who may call what, as text. */
  readonly access: string;
  /** What each subscriber may call no more than; undefined when this cannot be enforced, and subscribers may call none of its APIs. */
  readonly limits: readonly LimitPolicy[] | undefined;
};

export type HeaderChange = { readonly set: readonly (readonly [name: string, value: string])[]; readonly remove: ReadonlySet<string> };

/** From where a policy lets calls come. */
export type AddressRule = { admits(address: string): boolean };

/** When a policy lets calls through. */
export type TimeRule = {
  readonly policy: string;
  /** `nowMs`: milliseconds since 1970. */
  admits(nowMs: number): boolean;
};

export type NamedText = { readonly name: string; readonly text: string };

/** What was found in a body, or is wrong with it as a whole. */
export const findingNames = [
  'payment_card',
  'iban',
  'email',
  'phone',
  'private_key',
  'access_token',
  'pattern',
  'size',
  'depth',
  'unreadable',
] as const;
export type FindingName = (typeof findingNames)[number];
export type ContentFinding = {
  readonly policy: string;
  readonly name: FindingName;
  /** The name of the pattern. */
  readonly pattern?: string;
  readonly action: ContentAction;
};

/** A body as it came, or as it may go on, and what was found in it. */
export type InspectedBody = { readonly body: Buffer; readonly findings: readonly ContentFinding[] };

/** What one policy says about bodies that go one way. */
export type ContentRule = {
  readonly policy: string;
  readonly maxBytes: number;
  /** Looks through a body; where something is to be masked, it answers another one. `type` is a `Content-Type`. */
  inspect(body: Buffer, type: string): InspectedBody;
  /** The same for texts where nothing can be masked: what would be is refused. */
  inspectTexts(texts: readonly string[]): readonly ContentFinding[];
};

/** When calls to an upstream are stopped, and for how long. */
export type CircuitRule = {
  readonly policy: string;
  readonly failureRatePercent: number;
  readonly minimumCalls: number;
  readonly windowMs: number;
  readonly openMs: number;
  isFailure(status: number): boolean;
};

/** Which calls are made once more, and how soon. */
export type RetryRule = {
  readonly maxRetries: number;
  readonly budgetPercent: number;
  readonly baseMs: number;
  readonly maxMs: number;
  isWorthIt(status: number): boolean;
};

/** What policies do for an upstream, and for its callers when it fails. */
export type Protection = {
  readonly circuit: CircuitRule | undefined;
  /** Calls under way at once. */
  readonly concurrency: { readonly policy: string; readonly maxCalls: number } | undefined;
  readonly retry: RetryRule | undefined;
};

/** Which calls wait for a person's yes. */
export type ApprovalRule = {
  readonly policy: string;
  /** By operationId or the name of a tool; undefined for every operation. */
  readonly operations: ReadonlySet<string> | undefined;
  /** Seconds that a call waits for a person, and in which it may be made once it is approved. */
  readonly waitS: number;
  readonly validS: number;
};

/** What all policies on one API demand together. */
export type ApiPolicies = {
  readonly limits: readonly LimitPolicy[];
  /** The smallest of the limits attached; undefined without one. */
  readonly maxRequestBytes: number | undefined;
  /** Lower-case names of the headers that may carry a consumer key at `/authz`, besides `Authorization`. */
  readonly keyHeaders: readonly string[];
  /** Whether a caller has to present a key, for there is a policy that says so, or a key or a token. */
  readonly keys: 'optional' | 'demanded' | 'or_token';
  /** Of these one has to be met by the token of a caller; none where any credential lets in. */
  readonly tokens: readonly TokenDemand[];
  readonly requestHeaders: HeaderChange;
  /** Of answers, where a door passes on those of the upstream. */
  readonly responseHeaders: HeaderChange;
  /** Which pages may call: each of them has to let a page. */
  readonly cors: readonly CorsConfig[];
  /** From where calls may come: each of them has to admit the address. */
  readonly addresses: readonly AddressRule[];
  /** When calls may come: each of them has to admit the moment. */
  readonly times: readonly TimeRule[];
  /** What bodies may hold; none where no policy reads them. */
  readonly contents: { readonly request: readonly ContentRule[]; readonly response: readonly ContentRule[] };
  /** Undefined where no policy does anything for the upstream: nothing is looked up for its calls then. */
  readonly protection: Protection | undefined;
  /** Cedar policies; without any, every consumer that may call the API may use every tool of it. */
  readonly toolAccess: readonly NamedText[];
  /** Which calls wait for a person; the first that names an operation counts. */
  readonly approvals: readonly ApprovalRule[];
};

/** What can be said of a policy before any API is compiled: enforced, enforced with a reservation, or not enforced. */
export type Assessment =
  | { readonly state: 'applied' }
  | (Required<Pick<ItemAck, 'phase' | 'reason'>> & { readonly state: 'applied_with_warnings' | 'rejected' });

/** What a policy says, wherever it applies: the same object as long as it says the same. */
export type PolicyRule = {
  readonly itemId: string;
  readonly policyId: string;
  readonly name: string;
  readonly policy: PolicySpec;
  /** All of that as text. */
  readonly text: string;
  readonly assessment: Assessment;
};

/** An HTTP request as the upstream shall receive it. Header names and values alternate. */
export type BuiltRequest = {
  readonly path: string;
  readonly headers: string[];
  /** Text is sent as UTF-8. */
  readonly body: string | Buffer | undefined;
  readonly bodyBytes: number;
};

export type BuildResult = { readonly ok: true; readonly request: BuiltRequest } | { readonly ok: false; readonly errors: ProblemError[] };

export type ApiEntry = {
  readonly id: string;
  readonly name: string;
  readonly item: ApiItem;
  /** The policies on the API, in the order of their ids. An entry lives as long as its item and these. */
  readonly rules: readonly PolicyRule[];
  /** Scheme, host and port of the upstream. */
  readonly origin: string;
  readonly policies: ApiPolicies;
  /** What of the API is not served, in sentences for its acknowledgement. */
  readonly warnings: readonly string[];
  /** Finds an operation by method and path below the API, as its document has them. */
  readonly matchBelow: (method: string, path: string, query?: string) => RouteMatch;
  readonly operations: readonly OperationEntry[];
  readonly tools: readonly ToolEntry[];
  /** Whether the policies on the API may let a consumer use an operation, whatever they look at of a call; kept per consumer and operation. */
  permits(consumer: ConsumerEntry, operation: OperationEntry): boolean;
  /** What makes it an MCP server, whose tools are called by its own protocol; undefined for an API. */
  readonly mcp?: McpSide;
  /** What they say to one call that they may let through; undefined where they look at nothing of it. */
  readonly judgeCall: ((consumer: ConsumerEntry, operation: OperationEntry, facts: () => CallFacts) => CallJudgement) | undefined;
};

/** What becomes of a request for an operation on its way to the upstream. */
export type Forwarding = {
  /** What its parameters say against the document, as far as this can be told without its body. */
  faults(request: ReceivedRequest): readonly ProblemError[];
  /** The tool's arguments that its parameters are. */
  knownArguments(request: ReceivedRequest | ToldRequest): KnownArguments;
  /** The first line's target: the path as it was written, below that of the upstream. */
  target(pathAndQuery: string): string;
  /** Its headers without those that end here or that the caller cannot set, and with the gateway's own. Names and values alternate. */
  headers(received: readonly string[]): string[];
};

/** What is known of the arguments of a call. */
export type KnownArguments = {
  readonly values: Readonly<Record<string, unknown>>;
  /** Names of those that the call may have and that were not read, as a body is not. */
  readonly unknown: readonly string[];
};

export type ReceivedRequest = {
  /** Below the API. */
  readonly pathAndQuery: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
};

/** A request that is told of by who may have left headers out. */
export type ToldRequest = Pick<ReceivedRequest, 'pathAndQuery'>;

export type OperationEntry = {
  readonly api: ApiEntry;
  /** Position within the API. */
  readonly index: number;
  readonly operationId: string;
  readonly method: ApiOperation['method'];
  /** Scheme, host and port of where the operation is served. */
  readonly origin: string;
  /** The path below the host, as the upstream and a third-party gateway expose it, such as `/v1/orders/{order_id}`. */
  readonly pathTemplate: string;
  /** What the query of a request must hold for it to be this operation, for those whose path key in the document has a query. */
  readonly query: string | undefined;
  /** How requests that come in HTTP go on. Made at the first. */
  readonly forwarding: Forwarding;
  readonly toolName: string;
  /** What is added to each request to it. */
  readonly proofs: readonly Proof[];
  readonly identity: ClientIdentity | undefined;
  /** Under which connections to it are kept: its origin, and the certificate that is shown there. */
  readonly line: string;
};

/** Which way of speaking MCP: `modern` is 2026-07-28, where every request stands alone; `legacy` the revisions with an `initialize`. */
export type McpEra = 'modern' | 'legacy';

/** Something that an MCP server offers: the whole description as the server wrote it. */
export type McpOffer = Pick<McpDefinition, 'kind' | 'name' | 'sha256'> & { readonly text: string };

/** What an MCP server was found to offer. */
export type McpCatalog = {
  readonly era: McpEra;
  readonly protocolVersion: string;
  /** Members of its capabilities, each as text. */
  readonly capabilities: ReadonlyMap<string, string>;
  readonly instructions: string | undefined;
  /** As text. */
  readonly serverInfo: string | undefined;
  readonly offers: readonly McpOffer[];
};

/** Something of an MCP server as it is listed: under our name for it, and else as the server, or who approved it, has it. */
export type McpListed = { readonly name: string; readonly ownName: string; readonly text: string };

/** What may be asked of an MCP server besides calls of its tools; each is an operation that policies see. */
export const mcpRequestNames = ['resources/read', 'prompts/get', 'completion/complete'] as const;
export type McpRequestName = (typeof mcpRequestNames)[number];

/** How an MCP server is reached. */
export type McpPlace =
  | {
      readonly kind: 'http';
      readonly path: string /** Names and values alternate; the same for every caller, and those in the place of which each caller has his own. */;
      readonly headers: readonly string[];
      /** Those of them that go with calls too; undefined where a call shows nothing of who makes it. */
      readonly besideCallers?: readonly string[];
    }
  | { readonly kind: 'stdio'; readonly command: string };

/** An API that is an MCP server. */
export type McpSide = {
  readonly item: McpServerItem;
  readonly place: McpPlace;
  /** The same for the same place and the same credentials: connections are kept under it. */
  readonly connection: string;
  /** What proves the gateway where it asks for itself, as for what is offered. */
  readonly ownProofs: readonly Proof[];
  /** Undefined before the server was reached for the first time. */
  readonly catalog: McpCatalog | undefined;
  readonly prompts: readonly McpListed[];
  readonly resources: readonly McpListed[];
  readonly templates: readonly McpListed[];
  readonly requests: Readonly<Record<McpRequestName, OperationEntry>>;
};

export type ToolEntry = {
  readonly name: string;
  /** The tool as compiled by the Control Plane, for a door to render. */
  readonly definition: ToolDefinition;
  readonly operation: OperationEntry;
  /** Of a tool of an MCP server: what it is listed as, and called there. */
  readonly remote?: McpListed;
  /** What of it is otherwise in a set. */
  readonly adaptation?: Adaptation;
  /** Every fault of the arguments, none when they are valid. Compiled at the first call. Throws when the schema cannot be compiled. */
  readonly validate: ValidateArguments;
  /** The same for the structure of an answer; undefined for a tool that lists no output schema. */
  readonly validateResult: ValidateArguments | undefined;
  /** The upstream request that valid arguments make, numbers as they were written. */
  buildRequest(args: Record<string, unknown>): BuildResult;
};

/** How a call of a tool in a set becomes one of the tool itself. */
export type Adaptation = {
  /** The tool as it is at its API or MCP server. */
  readonly base: ToolEntry;
  /** What of the arguments callers cannot give. */
  faultsOf(args: Readonly<Record<string, unknown>>): readonly ProblemError[];
  /** The arguments with those that are fixed. */
  fill(args: Record<string, unknown>): Record<string, unknown>;
  /** Faults of all arguments as callers are told them. */
  withoutTaken(faults: readonly ProblemError[]): readonly ProblemError[];
};

/** A choice of tools that is served at an address of its own. */
export type ToolSetEntry = {
  /** Undefined of one that is not there. */
  readonly item: ToolSetItem | undefined;
  /** By the names that they have in the set. */
  readonly tools: ReadonlyMap<string, ToolEntry>;
  /** The same by name. */
  readonly inOrder: readonly ToolEntry[];
  readonly operations: ReadonlySet<OperationEntry>;
};

/** What a name of a tool meant before a change, and what it means after. */
export type ToolChange = { readonly before: ToolEntry | undefined; readonly after: ToolEntry | undefined };

/** How a snapshot differs from the one before, as far as lists of tools depend on it. */
export type SnapshotChanges = {
  /** By name. */
  readonly tools: ReadonlyMap<string, ToolChange>;
  /** The consumers that policies see otherwise, or that are subscribed to other APIs. */
  readonly consumers: ReadonlySet<string>;
  /** What differs is not known. */
  readonly everything: boolean;
};

export type RouteMatch = { readonly kind: 'match'; readonly operation: OperationEntry } | { readonly kind: 'ambiguous' | 'none' | 'refused' };

/** How the gateway proves at a token endpoint who it is. */
export type OAuthClient = {
  readonly id: string;
  readonly method: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';
  readonly secret: string | undefined;
  readonly key?: { readonly key: KeyObject; readonly algorithm: string; readonly keyId: string | undefined };
};

/** A token that is got for calls, the gateway's own or one in exchange for the caller's. */
export type GrantProof = {
  readonly kind: 'client_credentials' | 'token_exchange';
  /** The same for what asks for the same in the same way: tokens are kept under it. */
  readonly name: string;
  /** In lower case. */
  readonly header: string;
  readonly endpoint: string;
  readonly client: OAuthClient;
  /** Scope, audience and resource, as far as they are asked for. */
  readonly asked: readonly (readonly [name: string, value: string])[];
};

/** What proves the gateway, or who calls, in one request alone. */
export type Proof = GrantProof | { readonly kind: 'assertion'; readonly header: string };

/** A credential and its place in requests: its value, where it is the same in all of them. */
export type PlacedCredential = { readonly scheme?: string; readonly in: UpstreamCredential['in']; readonly name: string } & (
  | { readonly value: string; readonly proof?: never }
  | { readonly proof: Proof; readonly value?: never }
);

/** The certificate that the gateway shows an upstream, and its key, in PEM. */
export type ClientIdentity = {
  /** The same for the same: connections are kept under it. */
  readonly name: string;
  readonly cert: string;
  readonly key: string;
};

/** Everything a runtime serves, immutable and swapped whole. A call in flight keeps the one it began with. */
export type Snapshot = {
  readonly generation: number;
  readonly hash: string;
  /** By name. */
  readonly tools: ReadonlyMap<string, ToolEntry>;
  readonly apis: ReadonlyMap<string, ApiEntry>;
  /** Those that are MCP servers, by their ids; the same object as long as they are the same. */
  readonly mcpServers: ReadonlyMap<string, ApiEntry>;
  /** By their names. */
  readonly toolSets: ReadonlyMap<string, ToolSetEntry>;
  /** Of the view of a tool set, which one it is of. */
  readonly set?: ToolSetItem | undefined;
  readonly apisByName: ReadonlyMap<string, ApiEntry>;
  /** By `<name>/<version>`. */
  readonly apisByVersion: ReadonlyMap<string, ApiEntry>;
  readonly consumers: ReadonlyMap<string, ConsumerEntry>;
  readonly consumersByName: ReadonlyMap<string, ConsumerEntry>;
  /** By the names of certificates; none under what several claim. */
  readonly consumersByCertificate: ReadonlyMap<string, ConsumerEntry>;
  /** Whose tokens prove who calls, by `iss`; the same object as long as they are the same. */
  readonly issuers: ReadonlyMap<string, IssuerEntry>;
  /** The APIs, MCP servers and tool sets that each consumer is subscribed to, by the consumer's id. */
  readonly subscriptions: ReadonlyMap<string, ReadonlyMap<string, unknown>>;
  readonly plans: ReadonlyMap<string, PlanEntry>;
  /** The plans that each consumer is subscribed to, by the consumer's id. */
  readonly planSubscriptions: ReadonlyMap<string, ReadonlyMap<string, unknown>>;
  readonly consumersByKeyHash: ReadonlyMap<string, KeyEntry>;
  /** Lower-case names of the headers that carry a consumer key for some API at `/authz`, besides `Authorization`. */
  readonly keyHeaders: readonly string[];
  /** The lines that calls may go by; the same object as long as they are the same. */
  readonly origins: ReadonlyMap<string, unknown>;
  /** The ids of the policies that limit calls; the same object as long as they are the same. */
  readonly limits: ReadonlyMap<string, unknown>;
  /** Whether a consumer may use an operation: by a subscription to the API or to a plan that holds it, where one is required, or otherwise, and by the policies on the API. */
  permits(consumerId: string, operation: OperationEntry, isSubscribedOtherwise?: boolean): boolean;
  /** What counts each call of a consumer to an API: the limits of the API, and those of each plan of his that holds it. */
  limitsOf(consumerId: string, api: ApiEntry): readonly LimitPolicy[];
  /** Finds the operation that a request to a third-party gateway means; none where no door judges paths. `path` comes without its `query`. */
  matchRoute(method: string, path: string, query?: string): RouteMatch;
  /** The tools a consumer sees, by name; the same array as long as they are the same, so that a door can keep what it rendered by identity. */
  visibleTools(consumerId: string): readonly ToolEntry[];
};
