import { isGatewaysOwn } from '@stoa/lib/own-headers.ts';
import { cut } from '@stoa/lib/problem.ts';
import type {
  ApprovalConfig,
  CorsConfig,
  DoorName,
  GuardrailsConfig,
  IpRestrictionConfig,
  JwtAuthConfig,
  PlanItem,
  PolicySpec,
  TimeWindowConfig,
} from '@stoa/generated/schemas.ts';
import { IpRestriction } from './address-rule.ts';
import { cedarFault } from './cedar/policy-set.ts';
import { ContentInspection } from './contents/content-inspection.ts';
import { protectionOf } from './protection.ts';
import { TimeWindow } from './time-window.ts';
import { doorNames } from '../model.ts';
import type {
  AddressRule,
  ApprovalRule,
  ApiPolicies,
  Assessment,
  ContentRule,
  HeaderChange,
  LimitPolicy,
  NamedText,
  PolicyRule,
  TimeRule,
  TokenDemand,
} from '../model.ts';

/** Headers that frame a message or belong to the connection: a policy that changed them would change what the upstream reads as one request. */
const framingHeaders = new Set(['connection', 'content-length', 'expect', 'host', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

const corsElsewhere = 'Browsers do not call tools: the policy has no effect on MCP, and at /authz the gateway in front answers preflights.';

const onlyAsTool = (where: string): string => `${where} nobody is asked: requests that wait for a person are denied there, and are made as tools.`;

const contentsUnseen = (where: string): string =>
  `${where} contents are not seen: every request of its APIs is denied there. Have the gateway send them through /apis instead.`;

const ofUpstreams: ReadonlySet<PolicySpec['kind']> = new Set(['circuit_breaker', 'concurrency_limit', 'retry']);
const callsElsewhere = (where: string): string =>
  `Behind ${where} the gateway in front makes the request: what becomes of its upstream is not seen, and the policy does nothing there. Tool calls and requests below /apis are made here, and have it.`;

const countsBytes = (policy: PolicySpec): boolean => policy.kind === 'quota' && policy.config.unit === 'bytes';
const bytesUnseen = (where: string): string =>
  `Behind ${where} the gateway in front makes the request: its bytes are not counted, and it is refused only where other calls have used the quota up. Tool calls and requests below /apis are counted.`;

/** What a policy that can be enforced cannot do at a door. */
const reservations: Readonly<Record<DoorName, (policy: PolicySpec, doors: readonly DoorName[]) => string | undefined>> = {
  mcp(policy, doors) {
    // Where the API itself is served, there is one whose answers and pages the policy is for.
    if (doors.includes('rest')) return undefined;
    if (policy.kind === 'cors') return corsElsewhere;
    if (policy.kind !== 'headers' || policy.config.response === undefined) return undefined;
    return 'A tool result has no headers: the changes to responses have no effect on MCP.';
  },
  authz(policy) {
    const { kind } = policy;
    if (countsBytes(policy)) return bytesUnseen('/authz');
    if (kind === 'guardrails') return contentsUnseen('At /authz');
    if (ofUpstreams.has(kind)) return callsElsewhere('/authz');
    if (kind === 'approval') return onlyAsTool('At /authz');
    if (kind === 'request_size_limit')
      return 'At /authz bodies are not seen: only a size that the gateway tells in X-Original-Content-Length is held to the limit.';
    if (kind === 'ip_restriction')
      return 'At /authz the address is what the gateway in front tells in X-Forwarded-For: its own has to stand in STOA_TRUSTED_PROXIES, else every request is refused.';
    if (kind === 'cors') return corsElsewhere;
    if (kind !== 'headers') return undefined;
    return 'Behind /authz the gateway in front makes the request: have it change the headers. Tool calls have those of their requests changed here.';
  },
  grpc(policy) {
    const { kind } = policy;
    if (countsBytes(policy)) return bytesUnseen('the gRPC door');
    if (kind === 'guardrails') return contentsUnseen('At the gRPC door');
    if (ofUpstreams.has(kind)) return callsElsewhere('the gRPC door');
    if (kind === 'approval') return onlyAsTool('At the gRPC door');
    if (kind === 'request_size_limit') return 'At the gRPC door bodies are not seen: only a size that the gateway tells is held to the limit.';
    if (kind === 'cors') return corsElsewhere;
    if (kind !== 'headers') return undefined;
    return 'Behind the gRPC door the gateway in front makes the request: have it change the headers. Tool calls have those of their requests changed here.';
  },
  rest(policy) {
    if (policy.kind === 'approval') return onlyAsTool('Below /apis');
    const wrong = policy.kind === 'headers' ? unfitIn(policy.config.response) : undefined;
    return (
      wrong && `The header ${cut(JSON.stringify(wrong), 140)} of an answer frames it, or cannot be carried by HTTP: it stays as the upstream sent it.`
    );
  },
};

/** Where policies are enforced: the doors that are open, and whether what is counted outlives this process, because replicas count together. */
export type EnforcedAt = { readonly doors: readonly DoorName[]; readonly countsTogether: boolean };

/** Judges one policy. `rejected` means that no API may be served with it attached. */
export function assessPolicy(policy: PolicySpec, { doors, countsTogether }: EnforcedAt): Assessment {
  if (policy.kind === 'quota' && countsTogether) return { state: 'applied' };
  const assessment = assessAnywhere(policy);
  if (assessment.state !== 'applied') return assessment;
  // Of two doors the one that is told of says more: it is the other gateway's.
  const reservation = doorNames.flatMap((door) => (doors.includes(door) ? (reservations[door](policy, doors) ?? []) : [])).at(-1);
  return reservation === undefined ? assessment : warning(reservation);
}

/** The same for what does not depend on the door. */
function assessAnywhere(policy: PolicySpec): Assessment {
  switch (policy.kind) {
    case 'rate_limit':
    case 'api_key_auth':
    case 'request_size_limit':
    case 'cors':
    case 'circuit_breaker':
    case 'concurrency_limit':
    case 'retry':
    case 'approval':
      return { state: 'applied' };
    case 'quota':
      return warning('The quota is counted in the memory of this process: it starts anew when the process restarts.');
    case 'headers':
      return assessHeaders(policy.config);
    case 'tool_access': {
      const fault = cedarFault(policy.config.cedar);
      return fault === undefined
        ? { state: 'applied' }
        : { state: 'rejected', phase: 'validate', reason: `The Cedar text cannot be used: ${fault}.` };
    }
    case 'ip_restriction':
      return assessAddresses(policy.config);
    case 'guardrails':
      return assessContents(policy.config);
    case 'time_window':
      return assessTimes(policy.config);
    case 'jwt_auth':
      if (policy.config.jwks_uri === undefined) return { state: 'applied' };
      return rejection('Keys are taken from where the trusted issuer says: leave jwks_uri out, and give it there.');
    default:
      return unknownKind(policy);
  }
}

/** Judges a plan by its policies. `rejected` means that its subscribers may call none of its APIs. */
export function assessPlan({ policies }: PlanItem, at: EnforcedAt): Assessment {
  const judged = policies.map(({ name, policy }): Assessment => {
    const { kind } = policy;
    if (kind === 'rate_limit' || kind === 'quota') return assessPolicy(policy, at);
    return rejection(
      `Its subscribers are let in to none of its APIs: this runtime cannot hold the policy ${name}, of kind ${kind}, for each of them.`,
    );
  });
  return judged.find(({ state }) => state === 'rejected') ?? judged.find(({ state }) => state !== 'applied') ?? { state: 'applied' };
}

/** What each subscriber of a plan may call no more than. All of its policies are enforceable. */
export function limitsOfPlan({ plan_id: planId, policies }: PlanItem): LimitPolicy[] {
  return policies.flatMap(({ policy_id: id, name, policy }) => limitOf(`${planId} ${id}`, name, policy) ?? []);
}

function limitOf(policyId: string, name: string, policy: PolicySpec): LimitPolicy | undefined {
  if (policy.kind !== 'rate_limit' && policy.kind !== 'quota') return undefined;
  const { limit, on_store_unavailable: onStoreUnavailable, limit_by: limitBy = 'consumer' } = policy.config;
  const common = {
    policyId,
    name,
    limit,
    ...(onStoreUnavailable !== undefined && { onStoreUnavailable }),
    ...(limitBy !== 'consumer' && { limitBy }),
  };
  if (policy.kind === 'quota')
    return { ...common, kind: 'quota', period: policy.config.period, ...(policy.config.unit === 'bytes' && { unit: 'bytes' }) };
  const { window_s: windowS, algorithm = 'fixed_window', burst } = policy.config;
  const smooth = algorithm === 'fixed_window' ? {} : { algorithm, ...(algorithm === 'token_bucket' && burst !== undefined && { burst }) };
  return { ...common, kind: 'rate_limit', windowS, ...smooth };
}

/** A newer Control Plane may send what this version does not know; the types say it cannot. */
function unknownKind(policy: never): Assessment {
  return rejection(`This runtime does not know policies of kind ${String((policy as { kind?: unknown }).kind)}: detach it, or update the runtime.`);
}

type HeadersConfig = Extract<PolicySpec, { kind: 'headers' }>['config'];

function assessHeaders({ request }: HeadersConfig): Assessment {
  const named = [...Object.keys(request?.set ?? {}), ...(request?.remove ?? [])];
  const framing = named.find((name) => framingHeaders.has(name.toLowerCase()));
  if (framing !== undefined) return rejection(`The header ${framing} frames the message and cannot be changed by a policy.`);
  const bad = Object.entries(request?.set ?? {}).find(([name, value]) => !canCarry(name, value));
  if (bad !== undefined) return rejection(`The header ${JSON.stringify(bad[0])} has a name or value that HTTP cannot carry.`);
  return { state: 'applied' };
}

const canCarry = (name: string, value: string): boolean => /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);

/** A header that an answer cannot be given, or taken. */
function unfitIn(change: HeadersConfig['response']): string | undefined {
  const framing = (name: string): boolean => framingHeaders.has(name.toLowerCase());
  const [unfit] = Object.entries(change?.set ?? {}).find(([name, value]) => framing(name) || !canCarry(name, value)) ?? [];
  return unfit ?? change?.remove?.find(framing);
}

function assessAddresses(config: IpRestrictionConfig): Assessment {
  try {
    new IpRestriction(config);
    return { state: 'applied' };
  } catch (error) {
    return { state: 'rejected', phase: 'validate', reason: `An address or range cannot be used: ${(error as Error).message}.` };
  }
}

function assessContents({ request, response }: GuardrailsConfig): Assessment {
  try {
    for (const guard of [request, response]) if (guard !== undefined) new ContentInspection('', guard);
    return { state: 'applied' };
  } catch (error) {
    return { state: 'rejected', phase: 'validate', reason: `A pattern cannot be used: it ${(error as Error).message}.` };
  }
}

function assessTimes(config: TimeWindowConfig): Assessment {
  try {
    new TimeWindow('', config);
    return { state: 'applied' };
  } catch {
    return {
      state: 'rejected',
      phase: 'validate',
      reason: `This runtime does not know the time zone ${config.time_zone}: name another one, or update its Node.js.`,
    };
  }
}

function warning(reason: string): Assessment {
  return { state: 'applied_with_warnings', phase: 'render', reason };
}

function rejection(reason: string): Assessment {
  return { state: 'rejected', phase: 'render', reason };
}

/** What the policies on one API demand together. All of them are enforceable. The strictest size counts; every limit and every Cedar text does. */
export function combinePolicies(rules: readonly PolicyRule[]): ApiPolicies {
  const limits: LimitPolicy[] = [];
  const keyHeaders: string[] = [];
  const toolAccess: NamedText[] = [];
  const addresses: AddressRule[] = [];
  const times: TimeRule[] = [];
  const approvals: ApprovalRule[] = [];
  const contents = { request: [] as ContentRule[], response: [] as ContentRule[] };
  const tokens: TokenDemand[] = [];
  const set = new Map<string, string>();
  const remove = new Set<string>();
  const answers = { set: new Map<string, string>(), remove: new Set<string>() };
  const cors: CorsConfig[] = [];
  let maxRequestBytes: number | undefined;
  for (const { policy, policyId, name } of rules) {
    const limit = limitOf(policyId, name, policy);
    if (limit !== undefined) limits.push(limit);
    if (policy.kind === 'request_size_limit') maxRequestBytes = Math.min(maxRequestBytes ?? Infinity, policy.config.max_bytes);
    if (policy.kind === 'api_key_auth') keyHeaders.push(policy.config.header.toLowerCase());
    if (policy.kind === 'jwt_auth') tokens.push(demandOf(policy.config));
    if (policy.kind === 'tool_access') toolAccess.push({ name, text: policy.config.cedar });
    if (policy.kind === 'ip_restriction') addresses.push(new IpRestriction(policy.config));
    if (policy.kind === 'time_window') times.push(new TimeWindow(name, policy.config));
    if (policy.kind === 'approval') approvals.push(approvalRuleOf(name, policy.config));
    if (policy.kind === 'guardrails') {
      const { request, response } = policy.config;
      if (request !== undefined) contents.request.push(new ContentInspection(name, request));
      if (response !== undefined) contents.response.push(new ContentInspection(name, response));
    }
    if (policy.kind === 'headers') changeHeaders(policy.config.request, set, remove);
    if (policy.kind === 'headers') changeHeaders(policy.config.response, answers.set, answers.remove);
    if (policy.kind === 'cors') cors.push(policy.config);
  }
  const keys = demandOnKeys(rules);
  const requestHeaders: HeaderChange = { set: [...set], remove };
  const fits = ([name, value]: readonly [string, string]): boolean => !framingHeaders.has(name) && canCarry(name, value);
  for (const name of framingHeaders) answers.remove.delete(name);
  const responseHeaders: HeaderChange = { set: [...answers.set].filter(fits), remove: answers.remove };
  return {
    limits,
    maxRequestBytes,
    keyHeaders,
    keys,
    tokens,
    requestHeaders,
    responseHeaders,
    cors,
    addresses,
    times,
    toolAccess,
    contents,
    protection: protectionOf(rules),
    approvals,
  };
}

const approvalRuleOf = (policy: string, { operations, wait_s: waitS = 3600, valid_s: validS = 900 }: ApprovalConfig): ApprovalRule => ({
  policy,
  operations: operations && new Set(operations),
  waitS,
  validS,
});

/** One policy that wants a key and nothing else is enough. */
function demandOnKeys(rules: readonly PolicyRule[]): ApiPolicies['keys'] {
  const configs = rules.flatMap(({ policy }) => (policy.kind === 'api_key_auth' ? [policy.config] : []));
  if (configs.length === 0) return 'optional';
  return configs.every(({ or_token: isEither }) => isEither === true) ? 'or_token' : 'demanded';
}

const demandOf = ({ issuer, audience, scopes = [] }: JwtAuthConfig): TokenDemand => ({ issuer, audiences: audience, scopes });

/** What is the gateway's own to say, a policy of before was not refused: it says nothing of it. */
function changeHeaders(change: HeadersConfig['request'], set: Map<string, string>, remove: Set<string>): void {
  for (const name of change?.remove ?? []) if (!isGatewaysOwn(name)) remove.add(name.toLowerCase());
  for (const [name, value] of Object.entries(change?.set ?? {})) if (!isGatewaysOwn(name)) set.set(name.toLowerCase(), value);
}
