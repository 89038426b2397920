import { isDeepStrictEqual } from 'node:util';
import { itemCount, itemOf, itemPath } from '../subjects/items.ts';
import type { HttpAnswer } from './http-reader.ts';
import type { WorkloadSpec } from './job.ts';
import { encodeRequest, wrongAnswer } from './workload.ts';
import type { Workload } from './workload.ts';

type Slot = {
  request: Buffer;
  item: unknown /** An answer that was looked through and found right; the same bytes are right again. */;
  known: Buffer | undefined;
};

/** Asks each connection's target for one item after the other; `request` encodes one, `read` finds the item in an answer. */
export function itemsWorkload(
  urls: string[],
  connections: number,
  request: (url: URL, id: number, requestId: number) => Buffer,
  read: (answer: HttpAnswer) => unknown,
): Workload {
  const slots = Array.from({ length: connections }, (_, connection) =>
    Array.from({ length: itemCount }, (_, id): Slot => {
      const url = new URL(urls[connection % urls.length] as string);
      return { request: request(url, id, connection * itemCount + id + 1), item: itemOf(id), known: undefined };
    }),
  );
  const turns = slots.map((_, connection) => connection % itemCount);
  const slotOf = (connection: number): Slot => (slots[connection] as Slot[])[turns[connection] as number] as Slot;
  return {
    next(connection) {
      turns[connection] = ((turns[connection] as number) + 1) % itemCount;
      return slotOf(connection).request;
    },
    check(connection, answer) {
      const slot = slotOf(connection);
      if (answer.status === 200 && slot.known?.equals(answer.body) === true) return;
      if (answer.status !== 200 || !isDeepStrictEqual(read(answer), slot.item)) throw wrongAnswer(answer, JSON.stringify(slot.item));
      slot.known = Buffer.from(answer.body);
    },
  };
}

export function restWorkload({ urls, headers, mayRefuse = false }: Extract<WorkloadSpec, { kind: 'rest' }>, connections: number): Workload {
  const workload = itemsWorkload(
    urls,
    connections,
    (url, id) =>
      encodeRequest('GET', new URL(url.pathname.replace(/\/$/, '') + itemPath(id), url), {
        accept: 'application/json',
        'user-agent': 'stoa-bench/1',
        authorization: `Bearer ${'k'.repeat(48)}`,
        ...headers,
      }),
    ({ body }) => JSON.parse(body.toString('utf8')) as unknown,
  );
  if (!mayRefuse) return workload;
  let refused = 0;
  return {
    ...workload,
    check(connection, answer) {
      if (answer.status === 429) refused += 1;
      else workload.check(connection, answer);
    },
    refused: () => refused,
  };
}

const placeholder = '@token@';

/** With a token of its own for each call, where there are some. */
export function toolsCallWorkload({ tokens, ...spec }: Extract<WorkloadSpec, { kind: 'tools-call' }>, connections: number): Workload {
  if (tokens === undefined) return oneCallerWorkload(spec, connections);
  const workload = oneCallerWorkload({ ...spec, headers: { ...spec.headers, authorization: `Bearer ${placeholder}` } }, connections);
  let used = 0;
  return {
    ...workload,
    next(connection) {
      const token = tokens[used];
      if (token === undefined) throw new Error(`${tokens.length} tokens were not enough.`);
      used += 1;
      return Buffer.from(workload.next(connection).toString('latin1').replace(placeholder, token), 'latin1');
    },
  };
}

function oneCallerWorkload(
  { urls, tool, revision, headers }: Omit<Extract<WorkloadSpec, { kind: 'tools-call' }>, 'tokens'>,
  connections: number,
): Workload {
  const isModern = revision === '2026-07-28';
  const meta = {
    'io.modelcontextprotocol/protocolVersion': revision,
    'io.modelcontextprotocol/clientInfo': { name: 'stoa-bench', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const allHeaders = {
    accept: 'application/json, text/event-stream',
    'user-agent': 'stoa-bench/1',
    'mcp-protocol-version': revision,
    ...headers,
    ...(isModern && { 'mcp-method': 'tools/call', 'mcp-name': tool }),
  };
  return itemsWorkload(
    urls,
    connections,
    (url, id, requestId) => {
      const params = { name: tool, arguments: { item_id: String(id), currency: 'EUR' }, ...(isModern && { _meta: meta }) };
      return encodeRequest('POST', url, allHeaders, JSON.stringify({ jsonrpc: '2.0', id: requestId, method: 'tools/call', params }));
    },
    itemInResult,
  );
}

/** The item that a tool's result holds as text, whether the answer is a JSON document or a stream of events. */
function itemInResult({ body, headers }: HttpAnswer): unknown {
  const text = body.toString('utf8');
  const json = /content-type: *text\/event-stream/i.test(headers) ? (/^data: ?(\{.*)$/m.exec(text)?.[1] ?? '') : text;
  try {
    const message = JSON.parse(json) as { result?: { content?: { text?: string }[] } };
    return JSON.parse(message.result?.content?.[0]?.text ?? '') as unknown;
  } catch {
    return undefined;
  }
}
