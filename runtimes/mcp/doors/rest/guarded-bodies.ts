import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { readBody } from '@stoa/lib/read-body.ts';
import type { MeteredOutcome } from '../../decide/authorize-request.ts';
import { inspectBody, inspectTexts, refuseUnread } from '../../decide/contents.ts';
import type { Refusal } from '../../decide/call-outcome.ts';
import type { ContentVerdict } from '../../decide/contents.ts';
import type { Engine } from '../../engine.ts';
import type { ContentRule, OperationEntry } from '../../model.ts';
import { decoderOf } from '../../upstream/decode-body.ts';
import { hasBody, hasHungUp } from './admitted.ts';
import type { Admitted } from './admitted.ts';
import { corsHeaders } from './cors.ts';
import { withoutLines } from './headers.ts';
import { refuse } from './refuse.ts';

/** Kinds of answers that go on for as long as there is something to say. */
const endless = /^\s*(?:text\/event-stream|multipart\/x-mixed-replace|application\/(?:(?:x-)?(?:ndjson|jsonl|json-stream)|stream\+json|json-seq))\b/i;
export const isEndless = (contentType = ''): boolean => endless.test(contentType);

/** What of a request a policy has to read: its body as it may go on; undefined where nothing is read, and `refused` where the request has ended here. */
export async function readGuarded(admitted: Admitted): Promise<Buffer | undefined | 'refused'> {
  const { engine, request, response, operation, caller, startedAt, client, target } = admitted;
  const { contents, maxRequestBytes = Infinity } = operation.api.policies;
  const rules = contents.request;
  if (rules.length === 0 && (client === undefined || contents.response.length === 0)) return undefined;
  // A body that breaks off is answered for whoever began it, and its request is not told.
  const gone = new Promise<'gone'>((resolve) => response.once('close', () => resolve('gone')));
  const verdict = hasHungUp(admitted) ? 'gone' : await Promise.race([inspect(), gone]);
  if (verdict === 'gone') return ended('cancelled');
  if ('body' in verdict) return hasBody(request) ? verdict.body : undefined;
  const refusal: Extract<Refusal, { kind: 'too_large' | 'content_refused' }> =
    verdict.isTooLarge === true ? { kind: 'too_large', maxBytes: maxRequestBytes } : { kind: 'content_refused', reason: verdict.reason };
  request.resume();
  refuse(engine, response, refusal, corsHeaders(target.api, request));
  return ended(refusal.kind);

  function ended(outcome: MeteredOutcome): 'refused' {
    const { consumerId, keyId } = caller;
    const durationMs = performance.now() - startedAt;
    engine.meter.record({ door: 'rest', operation, consumerId, keyId, outcome, durationMs, requestBytes: 0, responseBytes: 0 });
    return 'refused';
  }

  async function inspect(): Promise<'gone' | { body: Buffer } | { reason: string; isTooLarge?: boolean }> {
    // What is said on a WebSocket has no end.
    if (client !== undefined) return { reason: refuseUnread(engine, 'request', [...rules, ...contents.response]) };
    const reason = inspectTexts(engine, 'request', rules, textsOf(target.pathAndQuery));
    if (reason !== undefined) return { reason };
    if (hasBody(request) && !isPlain(request)) return { reason: refuseUnread(engine, 'request', rules) };
    const most = Math.min(maxRequestBytes, mostOf(rules));
    const read = await readBody(request, most);
    if (read === 'aborted') return 'gone';
    if (read === 'too_large' && most === maxRequestBytes) return { reason: '', isTooLarge: true };
    if (read === 'too_large') return { reason: refuseUnread(engine, 'request', rules, 'size') };
    return inspectBody(engine, 'request', rules, read.bytes, request.headers['content-type'] ?? '');
  }
}

/** An answer as it may go on, with its headers. Rejects where it breaks off. */
export async function inspectAnswer(
  engine: Engine,
  operation: OperationEntry,
  answer: IncomingMessage,
): Promise<Extract<ContentVerdict, { reason: string }> | { body: Buffer; rawHeaders: string[] }> {
  const rules = operation.api.policies.contents.response;
  const encoding = answer.headers['content-encoding'];
  // Some compress although they were not asked to.
  const decode = isPlain(answer) || encoding === undefined ? undefined : decoderOf(encoding);
  if (isEndless(answer.headers['content-type']) || (!isPlain(answer) && decode === undefined))
    return { reason: refuseUnread(engine, 'response', rules) };
  const most = mostOf(rules);
  const read = await readBody(answer, most);
  if (read === 'aborted') throw new Error('It broke off.');
  if (read === 'too_large') return { reason: refuseUnread(engine, 'response', rules, 'size') };
  const { bytes } = read;
  const body = decode === undefined || bytes.length === 0 ? bytes : await promisify(decode)(bytes, { maxOutputLength: most }).catch(() => undefined);
  if (body === undefined) return { reason: refuseUnread(engine, 'response', rules) };
  const verdict = inspectBody(engine, 'response', rules, body, answer.headers['content-type'] ?? '');
  if ('reason' in verdict) return verdict;
  const untrue = verdict.body === body ? framing : [...framing, ...digests];
  return { body: verdict.body, rawHeaders: withoutLines(answer.rawHeaders, untrue) };
}

const framing = ['content-length', 'content-encoding', 'accept-ranges'];
/** What says something of a body that is another one now. */
const digests = ['etag', 'content-md5', 'digest', 'content-digest', 'repr-digest'];

const isPlain = ({ headers: { 'content-encoding': encoding } }: IncomingMessage): boolean => encoding === undefined || encoding === 'identity';
const mostOf = (rules: readonly ContentRule[]): number => Math.min(...rules.map(({ maxBytes }) => maxBytes));

/** What a path and a query say. */
function textsOf(pathAndQuery: string): string[] {
  const [path = '', query = ''] = pathAndQuery.split(/\?(.*)/s);
  const said = (segment: string): string => {
    try {
      return decodeURIComponent(segment);
    } catch {
      return segment;
    }
  };
  return [...path.split('/').map(said), ...[...new URLSearchParams(query)].flat()];
}
