import { createHash } from 'node:crypto';
import type { OperationId } from '@stoa/generated/operations.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import type { OperatorPrincipal } from '../access/principal.ts';
import type { OperationReply, RequestContext } from '../context.ts';
import type { ValidInput } from '../http/validate-request.ts';
import { inTenant } from '../tenants/in-tenant.ts';
import { record } from '../audit/record.ts';
import { recordedApproval, toApproval } from './approval-rows.ts';
import type { StoredInput } from './approval-rows.ts';
import { requirePinned } from './require-pinned.ts';
import { personOf } from './second-person.ts';
import { askedOf, ruleOf } from './rules.ts';
import type { Demand } from './rules.ts';

/** How long a change waits for a second person. */
const waitsForMs = 3 * 24 * 3600 * 1000;

/**
 * What is answered in place of a change that an environment demands a second person for: that it waits. Undefined for what may be done at once. A revealing
 * act that was approved is let through once: who asked for it does it again, and reads the secret himself.
 */
export async function fourEyes(operation: OperationId, input: ValidInput, context: RequestContext): Promise<OperationReply | undefined> {
  const { principal } = context;
  const rule = ruleOf(operation);
  if (principal?.kind !== 'operator' || context.approvedBy !== undefined) return undefined;
  if ((input.query as { dry_run?: unknown } | undefined)?.dry_run === true) return undefined;
  if (rule === undefined && operation !== 'updateApi') return undefined;
  return inTenant(context, (tx) => judge(tx, principal, { operation, input, context }));
}

type Request = { operation: OperationId; input: ValidInput; context: RequestContext };

async function judge(
  tx: Prisma.TransactionClient,
  principal: OperatorPrincipal,
  { operation, input, context }: Request,
): Promise<OperationReply | undefined> {
  const { tenantId } = principal;
  const demanding = await demandsOf(tx, tenantId);
  if (demanding.length === 0) return undefined;
  await requirePinned(tx, tenantId, demanding, operation, input);
  const rule = ruleOf(operation);
  if (rule === undefined) return undefined;
  const asked = askedOf(input);
  const reach = await rule.reach({ tx, tenantId }, asked);
  const environments = demanding
    .filter(
      ({ environment, four_eyes: demands }) =>
        (rule.demand === 'four_eyes' || demands.includes(rule.demand)) && (reach === 'all' || reach.includes(environment)),
    )
    .map(({ environment }) => environment);
  if (environments.length === 0) return undefined;
  const digest = createHash('sha256')
    .update(canonicalJson({ operation, ...asked }))
    .digest('hex');
  if (rule.demand === 'reveals' && (await isApproved(tx, principal, digest))) return undefined;
  const tag = rule.read === undefined ? undefined : await entityTagOf(rule.read, input, context);
  const { row, isNew } = await waiting(tx, principal, { operation, demand: rule.demand, environments, digest, input: storedInput(input, tag) });
  if (isNew) await record(tx, context, recordedApproval(row));
  return { status: 202, body: toApproval(row), headers: { Location: `/v1/approvals/${row.id}` } };
}

export type Demanding = { environment: string; four_eyes: string[] };

function demandsOf(tx: Prisma.TransactionClient, tenantId: string): Promise<Demanding[]> {
  return tx.environment_setting.findMany({
    where: { tenant_id: tenantId, NOT: { four_eyes: { isEmpty: true } } },
    select: { environment: true, four_eyes: true },
    orderBy: { environment: 'asc' },
  });
}

/** Takes the approval, which is good for one act. */
async function isApproved(tx: Prisma.TransactionClient, by: OperatorPrincipal, digest: string): Promise<boolean> {
  const { user_id: userId = null, token_id: tokenId = null } = requestedBy(by);
  const taken = await tx.$executeRaw`
    UPDATE approval SET state = 'applied' WHERE state = 'approved' AND id = (
      SELECT id FROM approval WHERE tenant_id = ${by.tenantId}::uuid AND digest = ${digest} AND state = 'approved' AND expires_at > now()
        AND (user_id = ${userId}::uuid OR token_id = ${tokenId}::uuid) ORDER BY created_at LIMIT 1 FOR UPDATE)`;
  return taken === 1;
}

function requestedBy(by: OperatorPrincipal): { user_id?: string; token_id?: string } {
  const person = personOf(by);
  return person === undefined ? { token_id: by.tokenId } : { user_id: person };
}

/** The state that the change was made up from, so that it is not made of another one. Throws as the reading does, when there is no such thing. */
async function entityTagOf(read: OperationId, { path, headers }: ValidInput, context: RequestContext): Promise<string | undefined> {
  const reply = await context.perform(read, { path, query: {}, headers, body: undefined }, context);
  return reply.headers?.['ETag'];
}

function storedInput({ path, query, headers, body }: ValidInput, tag: string | undefined): StoredInput {
  const given = (headers as Record<string, string | undefined>)['if-match'] ?? tag;
  return { path, query, body, ...(given === undefined ? {} : { if_match: given }) };
}

type Wanted = { operation: OperationId; demand: Demand; environments: string[]; digest: string; input: StoredInput };

/** Asked for once, however often it is sent. */
async function waiting(tx: Prisma.TransactionClient, by: OperatorPrincipal, { input, ...wanted }: Wanted) {
  const same = await tx.approval.findFirst({
    where: { tenant_id: by.tenantId, digest: wanted.digest, state: 'pending', expires_at: { gt: new Date() }, ...requestedBy(by) },
  });
  if (same && canonicalJson(same.input) === canonicalJson(input)) return { row: same, isNew: false };
  const row = await tx.approval.create({
    data: {
      ...wanted,
      tenant_id: by.tenantId,
      input: input as Prisma.InputJsonObject,
      user_id: personOf(by) ?? null,
      token_id: by.tokenId,
      requested_by: by.name,
      expires_at: new Date(Date.now() + waitsForMs),
    },
  });
  return { row, isNew: true };
}
