import type { IncomingMessage, RequestListener } from 'node:http';
import type { OperationId } from '@stoa/generated/operations.ts';
import { validateConfigAck } from '@stoa/generated/validators.js';
import type { RequestContext, ServerContext } from '../context.ts';
import type { GatewayKeyPrincipal } from '../access/principal.ts';
import { ackGatewayConfig } from '../operations/deployments/ack-gateway-config.ts';
import { getConfigItem } from '../operations/deployments/get-config-item.ts';
import { getGatewayConfig } from '../operations/deployments/get-gateway-config.ts';
import { answerBy, takeLane, withGatewayKey } from './lane.ts';
import type { LaneExchange } from './lane.ts';
import { requestContext } from './request-context.ts';

const feedPath =
  /^\/v1\/internal\/gateways\/([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})\/config(?:\/(ack)|\/items\/(sha256(?::|%3A)[0-9a-f]{64}))?(?:\?(.*))?$/;
const parameter = /^(?:(wait_s)=([0-9]|[1-4][0-9]|5[0-5])|(base)=(sha256(?::|%3A)[0-9a-f]{64}))$/;
const maxTagChars = 256;

type Answer = (exchange: LaneExchange, principal: GatewayKeyPrincipal) => void;

/**
 * Answers what a gateway asks of its configuration, by the handlers of these operations: after one change thousands ask and acknowledge at once. What is
 * unusual in any way goes the ordinary way, so that it is refused in the same words.
 */
export function feedLane(server: ServerContext, ordinary: RequestListener): RequestListener {
  return (request, response) => {
    const answer = answerTo(server, request);
    if (answer === undefined) return ordinary(request, response);
    const exchange = [request, response, ordinary] as const;
    withGatewayKey(server, 'getGatewayConfig', exchange, (principal) => answer(exchange, principal));
  };
}

function answerTo(server: ServerContext, request: IncomingMessage): Answer | undefined {
  const { method, url = '', headers } = request;
  const [isFeed, gateway_id = '', ack, item, search] = feedPath.exec(url) ?? [];
  if (isFeed === undefined) return undefined;
  const contextOf = (operation: OperationId, [, response]: LaneExchange, principal: GatewayKeyPrincipal): RequestContext =>
    requestContext(server, response, operation, { principal, document: undefined });
  if (ack !== undefined) {
    if (method !== 'POST' || search !== undefined) return undefined;
    return (exchange, by) => {
      const answer = (principal: GatewayKeyPrincipal, body: Parameters<typeof ackGatewayConfig>[0]['body']) =>
        ackGatewayConfig({ path: { gateway_id }, query: {}, headers: {}, body }, contextOf('ackGatewayConfig', exchange, principal));
      takeLane(server, { operation: 'ackGatewayConfig', isBody: validateConfigAck, answer }, by, exchange);
    };
  }
  if (method !== 'GET' || hasBody(request)) return undefined;
  if (item !== undefined) {
    if (search !== undefined) return undefined;
    const path = { gateway_id, hash: decodeURIComponent(item) };
    return (exchange, by) =>
      void answerBy(server, callOf('getConfigItem', by), exchange, () =>
        getConfigItem({ path, query: {}, headers: {}, body: undefined }, contextOf('getConfigItem', exchange, by)),
      );
  }
  const query = queryOf(search);
  if (query === undefined || (headers['if-none-match'] ?? '').length > maxTagChars) return undefined;
  const input = { path: { gateway_id }, query, headers: headers as Record<string, string>, body: undefined };
  return (exchange, by) =>
    void answerBy(server, callOf('getGatewayConfig', by), exchange, () => getGatewayConfig(input, contextOf('getGatewayConfig', exchange, by)));
}

const callOf = (operation: OperationId, principal: GatewayKeyPrincipal) => ({ operation, principal, since: performance.now() });

const hasBody = ({ headers }: IncomingMessage): boolean =>
  (headers['content-length'] ?? '0') !== '0' || headers['transfer-encoding'] !== undefined || headers.expect !== undefined;

/** Undefined for anything but the parameters of the contract in their plain form, each once. */
function queryOf(search: string | undefined): { wait_s?: number; base?: string } | undefined {
  const query: { wait_s?: number; base?: string } = {};
  for (const text of search === undefined ? [] : search.split('&')) {
    const [isKnown, wait, seconds, base, of = ''] = parameter.exec(text) ?? [];
    if (isKnown === undefined) return undefined;
    if (wait !== undefined && query.wait_s === undefined) query.wait_s = Number(seconds);
    else if (base !== undefined && query.base === undefined) query.base = decodeURIComponent(of);
    else return undefined;
  }
  return query;
}
