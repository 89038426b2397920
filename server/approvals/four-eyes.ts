import { createHash, randomUUID } from 'node:crypto';
import type { OperationId } from '@stoa/generated/operations.ts';
import type { approval, Prisma } from '@stoa/generated/prisma/client.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import type { OperatorPrincipal } from '../access/principal.ts';
import { requireOperator } from '../context.ts';
import type { OperationReply, RequestContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import type { ValidInput } from '../http/validate-request.ts';
import { inTenant } from '../tenants/in-tenant.ts';
import { record } from '../audit/record.ts';
import { recordedApproval, toApproval } from './approval-rows.ts';
import type { StoredInput } from './approval-rows.ts';
import { sealedSecret, withoutSecret } from './asked-secrets.ts';
import { requirePinned } from './require-pinned.ts';
import { personOf } from './second-person.ts';
import { askedOf, demandedBy, ruleOf } from './rules.ts';
import type { Demand, Rule } from './rules.ts';

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
  return inTenant(context, async (tx) => {
    const demanding = await demandsOf(tx, principal.tenantId);
    if (demanding.length === 0) return undefined;
    await requirePinned(tx, principal.tenantId, demanding, operation, input);
    if (rule === undefined) return undefined;
    const change = await judge(tx, principal, demanding, { operation, rule, input }, context);
    if (change === undefined || (rule.demand === 'reveals' && (await isApproved(tx, principal, change.digest)))) return undefined;
    const { row } = await ask(tx, principal, { ...change, tag: await entityTagOf(rule, input, context) }, context);
    return { status: 202, body: toApproval(row), headers: locationOf(row) };
  });
}

/** Asks for a change without doing it. @throws ApiError 422 where nothing demands a second person for it */
export function askForApproval(operation: OperationId, input: ValidInput, context: RequestContext): Promise<{ row: approval; isNew: boolean }> {
  const principal = requireOperator(context);
  const rule = ruleOf(operation);
  return inTenant(context, async (tx) => {
    // What is not there is told so.
    const tag = rule && (await entityTagOf(rule, input, context));
    const demanding = await demandsOf(tx, principal.tenantId);
    await requirePinned(tx, principal.tenantId, demanding, operation, input);
    const change = rule && (await judge(tx, principal, demanding, { operation, rule, input }, context));
    if (change === undefined) throw needsNobody(operation);
    return ask(tx, principal, { ...change, tag }, context);
  });
}

const needsNobody = (operation: string) =>
  new ApiError(422, `Nothing demands a second person for this: send ${operation} itself, which is done at once.`, { code: 'no_approval_needed' });

export const locationOf = ({ id }: Pick<approval, 'id'>) => ({ Location: `/v1/approvals/${id}` });

type Change = Omit<Wanted, 'input'> & { input: ValidInput };

/** The change as it would wait; undefined where no environment that it reaches demands a second person. */
async function judge(
  tx: Prisma.TransactionClient,
  { tenantId }: OperatorPrincipal,
  demanding: readonly Demanding[],
  { operation, rule, input }: { operation: OperationId; rule: Rule; input: ValidInput },
  { keys }: Pick<RequestContext, 'keys'>,
): Promise<Change | undefined> {
  const { demand } = rule;
  const asked = askedOf(input);
  const reach = await rule.reach({ tx, tenantId }, asked);
  const environments = demanding
    .filter(
      ({ environment, four_eyes: demands }) =>
        demandedBy[demand].some((each) => demands.includes(each)) && (reach === 'all' || reach.includes(environment)),
    )
    .map(({ environment }) => environment);
  if (environments.length === 0) return undefined;
  const { body, secret } = withoutSecret(input.body, rule.secret);
  // A secret that people chose is guessed from a hash without a key.
  const known = secret === undefined ? {} : { secret: keys.hmac(`secret that was asked for: ${secret}`).toString('hex') };
  const digest = createHash('sha256')
    .update(canonicalJson({ operation, ...asked, body, ...known }))
    .digest('hex');
  return { operation, demand, environments, digest, input: { ...input, body }, ...(secret !== undefined && { secret }) };
}

type Asked = Change & { tag: string | undefined };

async function ask(tx: Prisma.TransactionClient, by: OperatorPrincipal, { input, tag, ...change }: Asked, context: RequestContext) {
  const asked = await waiting(tx, by, { ...change, input: storedInput(input, tag) }, context);
  if (asked.isNew) await record(tx, context, recordedApproval(asked.row));
  return asked;
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
async function entityTagOf({ read }: Rule, { path, headers }: ValidInput, context: RequestContext): Promise<string | undefined> {
  if (read === undefined) return undefined;
  const reply = await context.perform(read, { path, query: {}, headers, body: undefined }, context);
  return reply.headers?.['ETag'];
}

function storedInput({ path, query, headers, body }: ValidInput, tag: string | undefined): StoredInput {
  const given = (headers as Record<string, string | undefined>)['if-match'] ?? tag;
  return { path, query, body, ...(given === undefined ? {} : { if_match: given }) };
}

type Wanted = { operation: OperationId; demand: Demand; environments: string[]; digest: string; input: StoredInput; secret?: string };

/** Asked for once, however often it is sent. */
async function waiting(
  tx: Prisma.TransactionClient,
  by: OperatorPrincipal,
  { input, secret, ...wanted }: Wanted,
  { keys }: Pick<RequestContext, 'keys'>,
) {
  const same = await tx.approval.findFirst({
    where: { tenant_id: by.tenantId, digest: wanted.digest, state: 'pending', expires_at: { gt: new Date() }, ...requestedBy(by) },
  });
  if (same && canonicalJson(same.input) === canonicalJson(input)) return { row: same, isNew: false };
  const id = randomUUID();
  const row = await tx.approval.create({
    data: {
      ...wanted,
      id,
      secret: await sealedSecret(keys, { id, tenantId: by.tenantId }, secret),
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
