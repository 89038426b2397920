import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { OperationId } from '@stoa/generated/operations.ts';
import type { approval, Prisma } from '@stoa/generated/prisma/client.ts';
import { requireRightSomewhere } from '../../access/require-right.ts';
import { decide, findApproval } from '../../approvals/approvals.ts';
import { recordedApproval, toApproval } from '../../approvals/approval-rows.ts';
import type { StoredInput } from '../../approvals/approval-rows.ts';
import { withSecret } from '../../approvals/asked-secrets.ts';
import { requesterOf } from '../../approvals/requester.ts';
import { ruleOf } from '../../approvals/rules.ts';
import { requireMayDecide } from '../../approvals/second-person.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { ApiError, conflict } from '../../errors.ts';
import { inTheNameOf } from '../../http/request-context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

/**
 * What was asked for is done as if it came now, by who asked, with the same checks, in the transaction that notes the decision. A revealing act, and a call, is left to
 * him: he reads the secret, or the answer, nobody else.
 */
export const approveApproval: Handler<operations['approveApproval'], RequestContext> = async ({ path, body }, context) => {
  const by = requireOperator(context);
  const decision = { by: by.name, reason: body.reason };
  const find = async (tx: Prisma.TransactionClient): Promise<approval> => {
    const found = await findApproval(tx, by.tenantId, path.approval_id);
    await requireMayDecide(tx, by, found);
    return found;
  };
  try {
    const { row, warnings } = await inTenant(context, async (tx) => {
      const found = await find(tx);
      const isDoneByWhoAsked = found.demand === 'reveals' || found.demand === 'calls';
      const decided = await decide(tx, found, { ...decision, state: isDoneByWhoAsked ? 'approved' : 'applied' });
      const warnings = isDoneByWhoAsked ? [] : await perform(tx, { ...decided, secret: found.secret }, context);
      await record(tx, context, recordedApproval(decided));
      return { row: decided, warnings };
    });
    return { status: 200, body: { ...toApproval(row), ...(warnings.length > 0 && { warnings }) } };
  } catch (error) {
    if (!(error instanceof CannotBeDone)) throw error;
    // All of it was undone, the decision too: what cannot be done waits no longer.
    await inTenant(context, async (tx) => {
      const failed = await decide(tx, await find(tx), { ...decision, state: 'failed', failure: error.message });
      await record(tx, context, { ...recordedApproval(failed), outcome: 'failed' });
    });
    throw conflict(`It cannot be done any more. ${error.message}`, error.code);
  }
};

class CannotBeDone extends Error {
  readonly code: string;
  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** Does what was asked for; answers what it warned of. */
async function perform(tx: Prisma.TransactionClient, row: approval, context: RequestContext): Promise<string[]> {
  const operation = row.operation as OperationId;
  const { if_match: tag, ...stored } = row.input as StoredInput;
  try {
    const input = { ...stored, body: await withSecret(context.keys, row, stored.body, ruleOf(operation)?.secret) };
    const requester = await requesterOf(tx, row);
    requireRightSomewhere(requester, operation);
    const headers = tag === undefined ? {} : { 'if-match': tag };
    const { body } = await context.perform(operation, { ...input, headers }, inTheNameOf(context, operation, requester, row.decided_by ?? ''));
    return (body as { warnings?: string[] } | undefined)?.warnings ?? [];
  } catch (error) {
    if (!(error instanceof ApiError) || error.status >= 500) throw error;
    if (error.status === 412)
      throw new CannotBeDone('It was changed meanwhile: ask for the change again, made up from what is there now.', 'changed_meanwhile');
    throw new CannotBeDone(error.message, error.code ?? 'refused_now');
  }
}
