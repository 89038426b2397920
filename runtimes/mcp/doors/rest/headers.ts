import type { AnyRequest } from '@stoa/lib/quick/any.ts';
import type { TraceHeaders } from '@stoa/lib/telemetry/model.ts';
import type { ApiEntry, Caller, OperationEntry } from '../../model.ts';
import { toldUpstream } from '../../decide/told-upstream.ts';
import { endsAtUpstream } from '../../snapshot/request/received-headers.ts';
import { isOfCors } from './cors.ts';
import type { AnswerHeaders } from './cors.ts';
import { isOfLifecycle } from './lifecycle-headers.ts';
import { isOfLimits } from './limit-headers.ts';

export type Sender = {
  readonly caller: Caller;
  readonly requestId: string;
  readonly address: string | undefined;
  /** Asks for WebSocket. */
  readonly isUpgrade: boolean;
  /** What it carries, where that was read. */
  readonly body: Buffer | undefined;
  /** By what the upstream is to go on with the trace, where it is not that of the caller. */
  readonly trace: TraceHeaders | undefined;
};

/** What the upstream is told, and what frames the message: see `toldHeaders`. */
export function sentHeaders(operation: OperationEntry, request: AnyRequest, sender: Sender): string[] {
  const { isUpgrade, body } = sender;
  const headers = toldHeaders(operation, request, linesOf(operation, request, isUpgrade || body !== undefined), sender);
  headers.push(
    ...(isUpgrade
      ? ['connection', 'Upgrade', 'upgrade', 'websocket']
      : body === undefined
        ? framingOf(request)
        : ['content-length', String(body.length)]),
  );
  return headers;
}

type Telling = Pick<Sender, 'caller' | 'requestId' | 'address' | 'trace'>;

/** What the upstream is told of a request whose body is at hand, and is sent with its length by who sends it. */
export const passedHeaders = (operation: OperationEntry, request: AnyRequest, telling: Telling): string[] =>
  toldHeaders(operation, request, hasLength(request) ? withoutLines(request.rawHeaders, ['content-length']) : request.rawHeaders, telling);

const hasLength = ({ headers }: AnyRequest): boolean => headers['content-length'] !== undefined;

/** The caller's headers as far as they go on, and who calls, in our name. Names and values alternate. */
function toldHeaders(operation: OperationEntry, request: AnyRequest, lines: readonly string[], telling: Telling): string[] {
  const { caller, requestId, address, trace = request.headers } = telling;
  const headers = operation.forwarding.headers(lines);
  headers.push(...toldUpstream({ caller, requestId, trace }));
  if (address !== undefined) headers.push('x-forwarded-for', address);
  const { host } = request.headers;
  if (host !== undefined) headers.push('x-forwarded-host', host);
  headers.push('x-forwarded-proto', 'encrypted' in request.socket ? 'https' : 'http');
  return headers;
}

/** An answer that a policy reads has to come whole, and as it is. */
const asksForParts = ['accept-encoding', 'range', 'if-range'];

/** What comes behind a request for another protocol is no body, so that none must be told of; one that was read may be of another length. */
function linesOf(operation: OperationEntry, { rawHeaders }: AnyRequest, hasOwnLength: boolean): readonly string[] {
  const left = [...(hasOwnLength ? ['content-length'] : []), ...(operation.api.policies.contents.response.length > 0 ? asksForParts : [])];
  return left.length === 0 ? rawHeaders : withoutLines(rawHeaders, left);
}

/** Names are in lower case. */
export const withoutLines = (lines: readonly string[], names: readonly string[]): string[] =>
  lines.filter((_, at) => !names.includes((lines[at - (at % 2)] as string).toLowerCase()));

/** A body is as long as it came: its length is among the headers that go on, and what came in chunks goes on so. */
function framingOf({ headers, method }: AnyRequest): string[] {
  if (headers['transfer-encoding'] !== undefined) return ['transfer-encoding', 'chunked'];
  const isEmpty = headers['content-length'] === undefined && ['POST', 'PUT', 'PATCH'].includes(method ?? '');
  return isEmpty ? ['content-length', '0'] : [];
}

const nothing: ReadonlySet<string> = new Set();

/** What the caller is told: the upstream's headers as far as they go on, as policies change them. Names and values alternate. */
export function answeredHeaders(api: ApiEntry, received: readonly string[], told: AnswerHeaders, requestId: string): string[] {
  const { responseHeaders: change, cors: pages } = api.policies;
  const ends = endsAtUpstream(received);
  const isChanged = change.remove.size > 0 || change.set.length > 0;
  const replaced = isChanged ? new Set([...change.remove, ...change.set.map(([name]) => name)]) : nothing;
  // Of two that say what is left, ours would be read with the upstream's policies.
  const saysLimits = 'ratelimit' in told;
  // The same of an API's end: the upstream's word stands where there is none of ours.
  const saysEnd = (lower: string): boolean => isOfLifecycle(lower) && lower in told;
  const headers: string[] = [];
  for (let at = 0; at < received.length; at += 2) {
    const [name, value] = [received[at] as string, received[at + 1] as string];
    const lower = name.toLowerCase();
    if (ends(lower) || replaced.has(lower) || (pages.length > 0 && isOfCors(lower)) || (saysLimits && isOfLimits(lower)) || saysEnd(lower)) continue;
    headers.push(name, value);
  }
  for (const [name, value] of change.set) headers.push(name, value);
  for (const name in told) headers.push(name, told[name] as string);
  headers.push('x-request-id', requestId);
  return headers;
}
