import type { Approval, ApprovalList } from '@stoa/generated/schemas.ts';
import { attempt, client, refused, requestTimeoutMs } from '../api.ts';
import type { ApiOutcome } from '../api.ts';

/** What waits for a person, the oldest first. */
export async function readWaiting(signal: AbortSignal): Promise<ApiOutcome<ApprovalList>> {
  return attempt(async () => {
    const init = { signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]) };
    const answer = await client.GET('/v1/approvals', { ...init, params: { query: { state: 'pending', limit: 100 } } });
    return answer.data === undefined ? refused(answer) : { kind: 'ok', value: answer.data };
  });
}

/** Approves or denies what waits. */
export function decideOn(id: string, decision: 'approve' | 'deny', reason: string): Promise<ApiOutcome<Approval>> {
  const given = {
    params: { path: { approval_id: id } },
    body: reason.trim() === '' ? {} : { reason: reason.trim() },
    signal: AbortSignal.timeout(requestTimeoutMs),
  };
  return attempt(async () => {
    const answer =
      decision === 'approve'
        ? await client.POST('/v1/approvals/{approval_id}/approve', given)
        : await client.POST('/v1/approvals/{approval_id}/deny', given);
    return answer.data === undefined ? refused(answer) : { kind: 'ok', value: answer.data };
  });
}
