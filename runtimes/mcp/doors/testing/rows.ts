import type { ApiOperation, ContentGuard, GatewayConfig, PolicySpec, TimeWindowConfig, TrustedIssuerItem } from '@stoa/generated/schemas.ts';
import { mcpServerItem, serverSubscriptionItem } from '../../federation/testing/gateway.ts';
import type { CallMetering } from '../../metering/meter.ts';
import {
  apiItem,
  configOf,
  consumerItem,
  createOrder,
  getOrder,
  planItem,
  planSubscriptionItem,
  policyItem,
  subscriptionItem,
} from '../../testing/fixtures.ts';

/** One request, whatever door it comes by, and what has to come of it. */
export type Row = {
  readonly name: string;
  readonly caller: Caller;
  readonly operation: Operation;
  readonly policies: readonly PolicySpec[];
  readonly outcome: CallMetering['outcome'];
  /** Whose call it is noted as. */
  readonly consumerId: string | undefined;
  readonly address?: string;
  /** How many of the same were made already. */
  readonly callsBefore?: number;
  readonly args?: Readonly<Record<string, unknown>>;
  /** Where another gateway keeps what is in the request, and the policies want it read. */
  readonly unseen?: CallMetering['outcome'];
};

type Operation = 'getOrder' | 'listOrders' | 'createOrder' | 'deleteOrder' | 'nothing';
type Caller = 'subscriber' | 'planned' | 'stranger' | 'expired' | 'forger' | 'nobody' | Presenter;
/** Who presents a token: by itself, or with a proof of the key that it is bound to. */
export type Presenter = keyof typeof presenters;
type Given = Pick<Row, 'caller' | 'operation' | 'outcome'> & Partial<Row>;

const consumers = {
  subscriber: consumerItem('subscriber', { labels: { team: 'sales' }, certificates: ['URI:spiffe://bank.example/ns/agents/sa/helpdesk'] }),
  planned: consumerItem('planned'),
  stranger: consumerItem('stranger'),
  expired: consumerItem('expired', { expiresAt: '2020-01-01T00:00:00Z' }),
};

/** What those who present a token do, and whether it lets in. */
export const presenters = {
  bearer: { token: 'plain', scheme: 'Bearer', proof: 'none', certificate: 'none', isGood: true },
  prover: { token: 'bound', scheme: 'DPoP', proof: 'good', certificate: 'none', isGood: true },
  'bearer of what is bound': { token: 'bound', scheme: 'Bearer', proof: 'none', certificate: 'none', isGood: false },
  'bearer of what is bound, with its proof': { token: 'bound', scheme: 'Bearer', proof: 'good', certificate: 'none', isGood: false },
  'prover without a proof': { token: 'bound', scheme: 'DPoP', proof: 'none', certificate: 'none', isGood: false },
  'prover of what is bound to nothing': { token: 'plain', scheme: 'DPoP', proof: 'good', certificate: 'none', isGood: false },
  'prover of another key': { token: 'bound', scheme: 'DPoP', proof: 'of another key', certificate: 'none', isGood: false },
  'prover for another address': { token: 'bound', scheme: 'DPoP', proof: 'for another address', certificate: 'none', isGood: false },
  'prover for another method': { token: 'bound', scheme: 'DPoP', proof: 'for another method', certificate: 'none', isGood: false },
  replayer: { token: 'bound', scheme: 'DPoP', proof: 'used', certificate: 'none', isGood: false },
  certified: { token: 'none', scheme: 'Bearer', proof: 'none', certificate: 'helpdesk', isGood: true },
  'certified as nobody': { token: 'none', scheme: 'Bearer', proof: 'none', certificate: 'nobody', isGood: false },
  'bearer with the certificate': { token: 'certified', scheme: 'Bearer', proof: 'none', certificate: 'helpdesk', isGood: true },
  'bearer without the certificate': { token: 'certified', scheme: 'Bearer', proof: 'none', certificate: 'none', isGood: false },
  'bearer with another certificate': { token: 'certified', scheme: 'Bearer', proof: 'none', certificate: 'nobody', isGood: false },
} as const;

export const isPresenter = (caller: Caller): caller is Presenter => Object.hasOwn(presenters, caller);
const known = (caller: Caller): caller is 'subscriber' | 'planned' | 'stranger' => ['subscriber', 'planned', 'stranger'].includes(caller);

/** The key that the caller presents. */
export function credentialOf({ caller }: Row): string | undefined {
  if (caller === 'nobody' || isPresenter(caller)) return undefined;
  return caller === 'forger' ? 'stoa_ck_forged' : consumers[caller].key;
}

const schema = (properties: object, required: string[] = []) => ({ type: 'object', properties, required, additionalProperties: false });
const orderId = getOrder().bindings;
const operations: ApiOperation[] = [
  getOrder(),
  createOrder(),
  getOrder({
    operation_id: 'listOrders',
    path: '/orders',
    tool: { name: 'orders_listOrders', input_schema: schema({ limit: { type: 'integer', maximum: 100 } }), annotations: { readOnlyHint: true } },
    bindings: [{ argument: 'limit', in: 'query', name: 'limit', required: false }],
  }),
  getOrder({
    operation_id: 'deleteOrder',
    method: 'DELETE',
    tool: { name: 'orders_deleteOrder', input_schema: schema({ order_id: { type: 'string' } }, ['order_id']), annotations: { readOnlyHint: false } },
    bindings: orderId,
  }),
];

/** The same request as a tool call and as HTTP. */
export function requestOf({ operation, args = {} }: Row) {
  const forms: Record<Operation, { method: string; path: string; args: Record<string, unknown>; body?: string }> = {
    getOrder: { method: 'GET', path: '/orders/7', args: { order_id: '7' } },
    deleteOrder: { method: 'DELETE', path: '/orders/7', args: { order_id: '7' } },
    createOrder: { method: 'POST', path: '/orders', args: { body: { a: 1 } }, body: '{"a":1}' },
    listOrders: { method: 'GET', path: `/orders${'limit' in args ? `?limit=${String(args['limit'])}` : ''}`, args: { ...args } },
    nothing: { method: 'PUT', path: '/orders/7', args: {} },
  };
  return { tool: `orders_${operation}`, ...forms[operation] };
}

/** What is served when a row is tried. */
export function configurationOf({ policies }: Row, url: string, issuer: TrustedIssuerItem): GatewayConfig {
  const api = apiItem({ url: `${url}/v1`, operations, subscription_required: true });
  const plan = planItem('starter', [api], { kind: 'rate_limit', config: { limit: 3, window_s: 60 } });
  const { subscriber, planned, stranger, expired } = consumers;
  const subscriptions = [subscriptionItem(api, subscriber.item), subscriptionItem(api, expired.item), planSubscriptionItem(plan, planned.item)];
  const attached = policies.map((policy, at) => policyItem(policy, [api], `p${at}`));
  return configOf(issuer, api, plan, subscriber.item, planned.item, stranger.item, expired.item, ...subscriptions, ...attached);
}

/** What MCP servers have otherwise: their arguments are theirs to judge, all is in the body of a POST, and nobody has a plan of them here. */
const ofApisAlone: ReadonlySet<string> = new Set(['request_size_limit', 'guardrails']);

/** Whether a row is about tools of MCP servers as well. */
export const isForServers = ({ caller, outcome, operation, policies }: Row): boolean =>
  caller !== 'planned' &&
  outcome !== 'invalid_arguments' &&
  !policies.some(({ kind, config }) => ofApisAlone.has(kind) || (operation === 'deleteOrder' && JSON.stringify(config).includes('resource.method')));

/** The tools of an MCP server that are called as those of the API. */
export const serverTools = operations.map(({ operation_id: name, tool: { annotations } }) => ({
  name,
  inputSchema: { type: 'object' },
  annotations,
}));

/** What is served when a row is tried with an MCP server in the place of the API. */
export function serverConfigurationOf({ policies }: Row, url: string, issuer: TrustedIssuerItem): GatewayConfig {
  const server = mcpServerItem(url, { mcp_server_id: serverId, name: 'orders', prefix: 'orders_', subscription_required: true });
  const { subscriber, stranger, expired } = consumers;
  const subscriptions = [subscriber, expired].map(({ item }) => serverSubscriptionItem(server, item));
  const attached = policies.map((policy, at) => ({ ...policyItem(policy, [], `p${at}`), mcp_server_ids: [serverId] }));
  return configOf(issuer, server, subscriber.item, stranger.item, expired.item, ...subscriptions, ...attached);
}
const serverId = '5e0c5d0e-1111-4222-8333-444455556666';

function row({ caller, operation, ...given }: Given): Row {
  const { policies = [], callsBefore, address, args } = given;
  const under = policies.map(({ kind, config }) => `${kind} ${JSON.stringify(config)}`).join(' and ');
  const parts = [
    `${caller} calls ${operation}`,
    ...(args === undefined ? [] : [`with ${JSON.stringify(args)}`]),
    ...(address === undefined ? [] : [`from ${address}`]),
    ...(callsBefore === undefined ? [] : [`after ${callsBefore}`]),
    ...(under === '' ? [] : [`under ${under}`]),
  ];
  const isSubscriber = isPresenter(caller) && presenters[caller].isGood;
  const consumerId = known(caller) ? consumers[caller].item.consumer_id : isSubscriber ? consumers.subscriber.item.consumer_id : undefined;
  return { name: `${parts.join(' ')}: ${given.outcome}`, caller, operation, consumerId, ...given, policies };
}

const all = ['getOrder', 'listOrders', 'createOrder', 'deleteOrder'] as const;
const reads = ['getOrder', 'listOrders'] as const;
const writes = ['createOrder', 'deleteOrder'] as const;
const cedar = (text: string): PolicySpec[] => [{ kind: 'tool_access', config: { cedar: text } }];
const readOnly = cedar('permit(principal, action, resource) when { resource.read_only };');
const bySales = cedar('permit(principal, action, resource) when { principal.labels has team && principal.labels.team == "sales" };');
const noDeletes = cedar('permit(principal, action, resource); forbid(principal, action, resource) when { resource.method == "DELETE" };');
const fewOrders = cedar(
  'permit(principal, action, resource); forbid(principal, action, resource == Tool::"orders_listOrders") unless { context.arguments has limit && context.arguments.limit <= 10 };',
);
const onlyOrder = (id: string): PolicySpec[] => cedar(`permit(principal, action, resource) when { context.arguments.order_id == "${id}" };`);
const inside = cedar('permit(principal, action, resource) when { context.address.isInRange(ip("192.0.2.0/24")) };');
const onceUponATime = cedar('permit(principal, action, resource) when { context.time < datetime("2020-01-01") };');
const byToken = cedar('permit(principal, action, resource) when { context.claims has department };');
const limit = (calls: number): PolicySpec => ({ kind: 'rate_limit', config: { limit: calls, window_s: 60 } });
const bucket: PolicySpec = {
  kind: 'rate_limit',
  config: { limit: 1, window_s: 3600, algorithm: 'token_bucket', burst: 2, limit_by: 'consumer_and_tool' },
};
const sliding: PolicySpec = { kind: 'rate_limit', config: { limit: 1, window_s: 3600, algorithm: 'sliding_window', limit_by: 'tenant' } };
const quota: PolicySpec = { kind: 'quota', config: { limit: 1, period: 'day' } };
const size = (bytes: number): PolicySpec => ({ kind: 'request_size_limit', config: { max_bytes: bytes } });
const from = (allow: string[], deny: string[] = []): PolicySpec => ({ kind: 'ip_restriction', config: { allow, deny } });
const when = (config: TimeWindowConfig): PolicySpec => ({ kind: 'time_window', config });
const guard = (request: ContentGuard): PolicySpec => ({ kind: 'guardrails', config: { request } });
const approval = (operations?: string[]): PolicySpec => ({ kind: 'approval', config: { ...(operations !== undefined && { operations }) } });
const [past, future] = ['2020-01-01T00:00:00Z', '2100-01-01T00:00:00Z'];
const subscriber = 'subscriber' as const;

export const rows: readonly Row[] = [
  // Who calls, and what he is subscribed to.
  ...all.flatMap((operation) => [
    row({ caller: subscriber, operation, outcome: 'ok' }),
    row({ caller: 'planned', operation, outcome: 'ok' }),
    row({ caller: 'stranger', operation, outcome: 'forbidden' }),
    ...(['expired', 'forger', 'nobody'] as const).map((caller) => row({ caller, operation, outcome: 'unauthenticated' })),
  ]),
  row({ caller: subscriber, operation: 'nothing', outcome: 'unknown' }),
  row({ caller: 'stranger', operation: 'nothing', outcome: 'unknown' }),
  row({ caller: 'nobody', operation: 'nothing', outcome: 'unauthenticated' }),
  // By a token, and by what it is bound to.
  ...(Object.keys(presenters) as Presenter[]).flatMap((caller) =>
    (['getOrder', 'createOrder'] as const).map((operation) =>
      row({ caller, operation, outcome: presenters[caller].isGood ? 'ok' : 'unauthenticated' }),
    ),
  ),
  row({ caller: 'prover', operation: 'nothing', outcome: 'unknown' }),
  row({ caller: 'replayer', operation: 'nothing', outcome: 'unauthenticated' }),
  // What Cedar says.
  ...reads.map((operation) => row({ caller: subscriber, operation, policies: readOnly, outcome: 'ok' })),
  ...writes.map((operation) => row({ caller: subscriber, operation, policies: readOnly, outcome: 'forbidden' })),
  row({ caller: subscriber, operation: 'createOrder', policies: bySales, outcome: 'ok' }),
  row({ caller: 'planned', operation: 'createOrder', policies: bySales, outcome: 'forbidden' }),
  row({ caller: subscriber, operation: 'getOrder', policies: noDeletes, outcome: 'ok' }),
  row({ caller: subscriber, operation: 'deleteOrder', policies: noDeletes, outcome: 'forbidden' }),
  row({ caller: 'stranger', operation: 'getOrder', policies: readOnly, outcome: 'forbidden' }),
  // What Cedar says to a call: its arguments, from where and when it comes.
  row({ caller: subscriber, operation: 'listOrders', args: { limit: 10 }, policies: fewOrders, outcome: 'ok' }),
  row({ caller: subscriber, operation: 'listOrders', args: { limit: 11 }, policies: fewOrders, outcome: 'forbidden' }),
  row({ caller: subscriber, operation: 'listOrders', args: {}, policies: fewOrders, outcome: 'forbidden' }),
  row({ caller: subscriber, operation: 'getOrder', policies: fewOrders, outcome: 'ok' }),
  row({ caller: 'stranger', operation: 'listOrders', args: { limit: 10 }, policies: fewOrders, outcome: 'forbidden' }),
  row({ caller: subscriber, operation: 'getOrder', policies: onlyOrder('7'), outcome: 'ok' }),
  row({ caller: subscriber, operation: 'getOrder', policies: onlyOrder('8'), outcome: 'forbidden' }),
  row({ caller: subscriber, operation: 'getOrder', policies: inside, address: '192.0.2.7', outcome: 'ok' }),
  row({ caller: subscriber, operation: 'getOrder', policies: inside, address: '198.51.100.9', outcome: 'forbidden' }),
  row({ caller: subscriber, operation: 'getOrder', policies: onceUponATime, outcome: 'forbidden' }),
  row({ caller: subscriber, operation: 'getOrder', policies: byToken, outcome: 'forbidden' }),
  row({ caller: subscriber, operation: 'listOrders', args: { limit: 11 }, policies: [...fewOrders, limit(1)], callsBefore: 1, outcome: 'forbidden' }),
  // Limits: of the API, of a plan, and both.
  ...all.map((operation) => row({ caller: subscriber, operation, policies: [limit(1)], callsBefore: 1, outcome: 'rate_limited' })),
  row({ caller: subscriber, operation: 'getOrder', policies: [limit(2)], callsBefore: 1, outcome: 'ok' }),
  ...reads.map((operation) => row({ caller: subscriber, operation, policies: [quota], callsBefore: 1, outcome: 'rate_limited' })),
  ...reads.map((operation) => row({ caller: subscriber, operation, policies: [bucket], callsBefore: 2, outcome: 'rate_limited' })),
  row({ caller: subscriber, operation: 'getOrder', policies: [bucket], callsBefore: 1, outcome: 'ok' }),
  row({ caller: subscriber, operation: 'getOrder', policies: [sliding], callsBefore: 1, outcome: 'rate_limited' }),
  row({ caller: 'planned', operation: 'getOrder', callsBefore: 2, outcome: 'ok' }),
  row({ caller: 'planned', operation: 'getOrder', callsBefore: 3, outcome: 'rate_limited' }),
  row({ caller: 'planned', operation: 'getOrder', policies: [limit(2)], callsBefore: 2, outcome: 'rate_limited' }),
  row({ caller: 'stranger', operation: 'getOrder', policies: [limit(1)], callsBefore: 1, outcome: 'forbidden' }),
  // From where, which counts before limits do.
  row({ caller: subscriber, operation: 'getOrder', policies: [from(['192.0.2.0/24'])], address: '192.0.2.7', outcome: 'ok' }),
  row({ caller: subscriber, operation: 'getOrder', policies: [from(['192.0.2.0/24'])], address: '198.51.100.9', outcome: 'forbidden' }),
  row({ caller: subscriber, operation: 'getOrder', policies: [from(['192.0.2.0/24'], ['192.0.2.7'])], address: '192.0.2.7', outcome: 'forbidden' }),
  row({ caller: subscriber, operation: 'createOrder', policies: [from(['2001:db8::/32'])], address: '2001:db8::1', outcome: 'ok' }),
  row({ caller: subscriber, operation: 'createOrder', policies: [from(['2001:db8::/32'])], address: '2001:db9::1', outcome: 'forbidden' }),
  row({ caller: subscriber, operation: 'getOrder', policies: [from(['10.0.0.0/8']), limit(1)], callsBefore: 1, outcome: 'forbidden' }),
  // When, which counts before limits do as well.
  row({
    caller: subscriber,
    operation: 'getOrder',
    policies: [when({ not_before: past, not_after: future, time_zone: 'Europe/Paris' })],
    outcome: 'ok',
  }),
  row({ caller: subscriber, operation: 'createOrder', policies: [when({ not_after: past })], outcome: 'forbidden' }),
  row({ caller: 'planned', operation: 'getOrder', policies: [when({ not_before: past }), when({ not_before: future })], outcome: 'forbidden' }),
  row({ caller: subscriber, operation: 'getOrder', policies: [when({ not_after: past }), limit(1)], callsBefore: 1, outcome: 'forbidden' }),
  row({ caller: 'nobody', operation: 'getOrder', policies: [when({ not_after: past })], outcome: 'unauthenticated' }),
  // What is in it, which no gateway that asks shows.
  row({
    caller: subscriber,
    operation: 'createOrder',
    policies: [guard({ patterns: [{ name: 'one', pattern: '^1$', action: 'refuse' }] })],
    outcome: 'content_refused',
  }),
  row({ caller: subscriber, operation: 'createOrder', policies: [guard({ max_depth: 1 })], outcome: 'ok', unseen: 'content_refused' }),
  row({ caller: subscriber, operation: 'createOrder', policies: [guard({ max_bytes: 6 })], outcome: 'content_refused' }),
  row({
    caller: subscriber,
    operation: 'listOrders',
    args: { limit: 42 },
    policies: [guard({ patterns: [{ name: 'no', pattern: '42', action: 'mask' }] })],
    outcome: 'content_refused',
  }),
  row({ caller: 'stranger', operation: 'createOrder', policies: [guard({ max_depth: 1 })], outcome: 'forbidden' }),
  // Whether a person has to say yes, who is asked by none but the door of tools.
  row({ caller: subscriber, operation: 'createOrder', policies: [approval()], outcome: 'unapproved' }),
  row({ caller: subscriber, operation: 'getOrder', policies: [approval(['createOrder'])], outcome: 'ok' }),
  row({ caller: 'planned', operation: 'deleteOrder', policies: [approval(['deleteOrder'])], outcome: 'unapproved' }),
  row({ caller: 'stranger', operation: 'createOrder', policies: [approval()], outcome: 'forbidden' }),
  row({ caller: subscriber, operation: 'getOrder', policies: [approval(), limit(1)], callsBefore: 1, outcome: 'rate_limited' }),
  row({
    caller: subscriber,
    operation: 'listOrders',
    args: { limit: 'many' },
    policies: [approval()],
    outcome: 'invalid_arguments',
    unseen: 'unapproved',
  }),
  // How much.
  row({ caller: subscriber, operation: 'createOrder', policies: [size(7)], outcome: 'ok' }),
  row({ caller: subscriber, operation: 'createOrder', policies: [size(6)], outcome: 'too_large' }),
  row({ caller: subscriber, operation: 'getOrder', policies: [size(1)], outcome: 'ok' }),
  row({ caller: subscriber, operation: 'createOrder', policies: [size(100), size(6)], outcome: 'too_large' }),
  row({ caller: 'stranger', operation: 'createOrder', policies: [size(1)], outcome: 'forbidden' }),
  // With what: a gateway that asks keeps the arguments.
  row({ caller: subscriber, operation: 'listOrders', args: { limit: 100 }, outcome: 'ok' }),
  row({ caller: subscriber, operation: 'listOrders', args: { limit: 101 }, outcome: 'invalid_arguments' }),
  row({ caller: subscriber, operation: 'listOrders', args: { limit: 'many' }, outcome: 'invalid_arguments' }),
  row({ caller: 'stranger', operation: 'listOrders', args: { limit: 'many' }, outcome: 'forbidden' }),
  // A bad call counts like a good one.
  row({ caller: subscriber, operation: 'listOrders', args: { limit: 'many' }, policies: [limit(1)], callsBefore: 1, outcome: 'rate_limited' }),
];
