import type { approval } from '@stoa/generated/prisma/client.ts';
import type { Approval, ApprovalCall } from '@stoa/generated/schemas.ts';
import { optionalTimestamp, present, toTimestamp } from '../operations/wire.ts';

/** All that the operation is given when it is approved. */
export type StoredInput = { path: unknown; query: unknown; body: unknown; if_match?: string };
/** A call, but for its arguments, and for how many seconds it may be made once it is approved. */
export type StoredCall = { call: Omit<ApprovalCall, 'api' | 'arguments'>; valid_s: number };

export const callOf = ({ demand, input }: Pick<approval, 'demand' | 'input'>): StoredCall['call'] | undefined =>
  demand === 'calls' ? (input as StoredCall).call : undefined;

/** What waits no longer has expired, though nobody wrote so. */
const stateOf = ({ state, expires_at: expiresAt }: approval): Approval['state'] => {
  const isOver = expiresAt.getTime() <= Date.now() && (state === 'pending' || state === 'approved');
  return isOver ? 'expired' : (state as Approval['state']);
};

/** What the audit tells of one: the request may name people, and stands in the record of what comes of it. */
export const recordedApproval = ({ id, operation, demand, environments, input, state }: approval) => ({
  object: { kind: 'approval' as const, id, name: operation },
  after: { operation, demand, environments, ...present({ call: callOf({ demand, input }) }) },
  detail: { decision: state },
});

export function toApproval(row: approval): Approval {
  const call = callOf(row);
  const { path, query, body }: Partial<StoredInput> = call === undefined ? (row.input as StoredInput) : {};
  return {
    approval_id: row.id,
    state: stateOf(row),
    demand: row.demand as Approval['demand'],
    environments: row.environments,
    operation: row.operation,
    request: present({ path, query, body }),
    requested_by: row.requested_by,
    requested_at: toTimestamp(row.created_at),
    expires_at: toTimestamp(row.expires_at),
    ...present({ call, decided_by: row.decided_by, decided_at: optionalTimestamp(row.decided_at), reason: row.reason, failure: row.failure }),
  };
}
