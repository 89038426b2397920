import type { ApiEntry, LimitPolicy, OperationEntry, Snapshot } from '../model.ts';
import type { DecidingEngine } from './admit.ts';
import { countsBytes } from './limits.ts';

type Passed = { readonly snapshot: Snapshot; readonly consumerId: string; readonly operation: OperationEntry };

/** Whether a consumer of an API may have limits that count bytes: where there are none of any kind, nothing is looked up. */
const mayHaveLimits = ({ plans }: Snapshot, { policies: { limits } }: ApiEntry): boolean => limits.length > 0 || plans.size > 0;

/** The limits on calls of a consumer to an API that count bytes. */
function limitsOf({ snapshot, consumerId, operation }: Passed): readonly LimitPolicy[] {
  return mayHaveLimits(snapshot, operation.api) ? snapshot.limitsOf(consumerId, operation.api).filter(countsBytes) : [];
}

type Engine = Pick<DecidingEngine, 'limits' | 'log'>;

/** Takes the bytes that a call has moved from the limits on it that count them. Never throws. */
export function chargeBytes({ limits, log }: Engine, passed: Passed, bytes: number): void {
  const policies = bytes === 0 ? [] : limitsOf(passed);
  if (policies.length === 0) return;
  try {
    limits.charge(policies, passed.consumerId, passed.operation, bytes);
  } catch (error) {
    log.error({ err: error, operation: passed.operation.operationId }, 'The bytes of a call could not be counted.');
  }
}

/** Whether a limit that counts bytes is used up. Throws when there is no room to count. */
export function areBytesSpent({ limits }: Engine, passed: Passed): boolean {
  const policies = limitsOf(passed);
  return policies.length > 0 && limits.standing(policies, passed.consumerId, passed.operation).some(({ remaining }) => remaining === 0);
}
