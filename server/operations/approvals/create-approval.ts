import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { operations as contract } from '@stoa/generated/operations.ts';
import { requestChecks } from '@stoa/generated/requests.ts';
import { requireRight } from '../../access/require-right.ts';
import { askForApproval, locationOf } from '../../approvals/four-eyes.ts';
import { toApproval } from '../../approvals/approval-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { invalid } from '../../errors.ts';
import { faultsOf } from '../../http/validate-request.ts';
import type { ValidInput } from '../../http/validate-request.ts';

/** The request within is judged as if it came to its operation by itself. */
export const createApproval: Handler<operations['createApproval'], RequestContext> = async ({ body }, context) => {
  const { operation, request } = body;
  requireRight(requireOperator(context), operation);
  const input: ValidInput = { path: { ...request.path }, query: { ...request.query }, headers: {}, body: request.body };
  const faults = faultsOf(operation, contract[operation], 'application/json', input);
  if (request.body !== undefined && Object.keys(requestChecks[operation].bodies).length === 0)
    faults.push({ pointer: '/body', message: `must not be given: ${operation} takes none` });
  // Whoever approves has it done, and not tried.
  if (request.query?.['dry_run'] !== undefined)
    faults.push({ pointer: '/query/dry_run', message: 'must not be given: what is asked for is done once it is approved' });
  if (faults.length > 0) throw invalid(faults.map(({ pointer, message }) => ({ pointer: `/body/request${pointer}`, message })));
  const { row, isNew } = await askForApproval(operation, input, context);
  return { status: isNew ? 201 : 200, body: toApproval(row), headers: locationOf(row) };
};
