import { memoOf } from '@stoa/lib/memo.ts';
import type { Engine } from '../../engine.ts';
import type { Caller, OperationEntry, Snapshot } from '../../model.ts';
import { headerText } from '../denial.ts';
import type { AnswerHeaders } from './cors.ts';

const nothing: AnswerHeaders = {};

/** Headers that say of each limit on a request what there is of it, and what is left now (draft-ietf-httpapi-ratelimit-headers). */
export function limitHeaders(engine: Engine, snapshot: Snapshot, caller: Caller | null, operation: OperationEntry | undefined): AnswerHeaders {
  if (caller === null || operation === undefined) return nothing;
  const limits = snapshot.limitsOf(caller.consumerId, operation.api);
  if (limits.length === 0) return nothing;
  const standings = engine.limits.standing(limits, caller.consumerId, operation);
  return {
    'ratelimit-policy': standings
      .map((each) => `${named(each.name)};q=${each.limit}${each.unit === 'bytes' ? ';qu="content-bytes"' : ''};w=${each.windowS}`)
      .join(', '),
    ratelimit: standings.map((each) => `${named(each.name)};r=${each.remaining};t=${each.resetS}`).join(', '),
  };
}

export const isOfLimits = (lower: string): boolean => lower === 'ratelimit' || lower === 'ratelimit-policy';

/** A string of structured fields (RFC 9651 §3.3.3). */
const named = memoOf((name) => `"${headerText(name).replace(/[\\"]/g, '\\$&')}"`);
