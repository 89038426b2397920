import type { ApiEntry, OperationEntry, Snapshot } from '../model.ts';
import type { DecidingEngine } from './admit.ts';
import { countsBytes } from './limits.ts';

type Passed = { readonly snapshot: Snapshot; readonly consumerId: string; readonly operation: OperationEntry };

/** Whether a consumer of an API may have limits that count bytes: where there are none of any kind, nothing is looked up. */
const mayHaveLimits = ({ plans }: Snapshot, { policies: { limits } }: ApiEntry): boolean => limits.length > 0 || plans.size > 0;

/** Takes the bytes that a call has moved from the limits on it that count them. Never throws. */
export function chargeBytes(
  { limits, log }: Pick<DecidingEngine, 'limits' | 'log'>,
  { snapshot, consumerId, operation }: Passed,
  bytes: number,
): void {
  if (bytes === 0 || !mayHaveLimits(snapshot, operation.api)) return;
  const all = snapshot.limitsOf(consumerId, operation.api);
  if (!all.some(countsBytes)) return;
  try {
    limits.charge(all, consumerId, operation, bytes);
  } catch (error) {
    log.error({ err: error, operation: operation.operationId }, 'The bytes of a call could not be counted.');
  }
}
