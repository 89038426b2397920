import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach } from 'vitest';
import type { ApiItem, GatewayConfig } from '@stoa/generated/schemas.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { authorizeRequest } from '../decide/authorize-request.ts';
import type { CallOutcome } from '../decide/call-outcome.ts';
import { callTool } from '../decide/call-tool.ts';
import { identify } from '../decide/identify.ts';
import { bearing } from '../decide/proofs/possession.ts';
import { argumentsIn } from '../doors/told-arguments.ts';
import type { Engine } from '../engine.ts';
import { matchTarget } from '../snapshot/routes.ts';
import type { Cancellation } from '../upstream/cancellation.ts';
import { apiItem, createOrder, engineOf, getOrder } from './fixtures.ts';

type Seen = { method: string | undefined; url: string | undefined; headers: IncomingMessage['headers']; body: string };

/** An upstream for the tests of a file, and engines that decide on calls of it. Registers what starts and ends them. */
export function pipelineBench() {
  const seen: Seen[] = [];
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let url = '';
  let opened: Engine[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body });
      answer(request, response);
    });
  });
  beforeEach(async () => {
    seen.length = 0;
    answer = (_request, response) => response.setHeader('content-type', 'application/json').end('{"id":"7"}');
    url = server.listening ? url : await listen(server, { host: '127.0.0.1', port: 0 });
  });
  afterEach(async () => {
    for (const engine of opened) await engine.close();
    opened = [];
    if (server.listening) await closeGracefully(server, 0);
  });

  function caller(engine: Engine, key: string) {
    const found = identify(engine.snapshot, key, Date.now());
    if (found === null) throw new Error('The key is not known.');
    return found;
  }

  return {
    server,
    /** What the upstream was asked in this test. */
    seen,
    get url() {
      return url;
    },
    /** Has the upstream answer otherwise until the test ends. */
    answerBy: (given: typeof answer) => void (answer = given),
    serve(config: GatewayConfig, options: Parameters<typeof engineOf>[1] = {}) {
      const made = engineOf(config, options);
      opened.push(made.engine);
      return made;
    },
    caller,
    /** A call of a tool by whose key it is. */
    call(
      engine: Engine,
      key: string,
      toolName = 'orders_getOrder',
      args: Record<string, unknown> = { order_id: '7' },
      cancellation?: Cancellation,
    ): Promise<CallOutcome> {
      return callTool(engine, { snapshot: engine.snapshot, caller: caller(engine, key), toolName, args, cancellation, requestId: randomUUID() });
    },
    /** The question of another gateway about a request. */
    ask(
      engine: Engine,
      key: string | undefined,
      pathAndQuery = '/v1/orders/7',
      method = 'GET',
      headers: Record<string, string> = {},
      addressOf?: () => string,
    ) {
      const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
      const { snapshot } = engine;
      const route = matchTarget(snapshot.matchRoute, method, pathAndQuery);
      const question = {
        snapshot,
        route,
        argumentsOf: argumentsIn(pathAndQuery),
        headers: { ...authorization, ...headers },
        proven: bearing,
        addressOf,
      };
      return authorizeRequest(engine, question, 'authz');
    },
    twoTools: (given: Partial<ApiItem> = {}) => apiItem({ url: `${url}/v1`, operations: [getOrder(), createOrder()], ...given }),
  };
}
