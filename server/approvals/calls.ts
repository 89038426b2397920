import { randomUUID } from 'node:crypto';
import type { approval, Prisma } from '@stoa/generated/prisma/client.ts';
import type { Approval, CallApprovalAnswer, CallApprovalQuestion } from '@stoa/generated/schemas.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { append } from '../audit/append.ts';
import type { RequestContext } from '../context.ts';
import { sqlOf } from '../database/sql.ts';
import { notFound } from '../errors.ts';
import type { HeldGateway } from '../fleet/holders.ts';
import { present, toTimestamp } from '../operations/wire.ts';
import { inTenant } from '../tenants/in-tenant.ts';
import { callOf, recordedApproval, toApproval } from './approval-rows.ts';
import type { StoredCall } from './approval-rows.ts';
import { openedSecret, sealedSecret } from './asked-secrets.ts';

/** How many calls of one consumer, and of one tenant, wait at a time: a person reads them. */
const maxOfConsumer = 20;
const maxOfTenant = 1000;
/** What has ended is kept for so long; the audit has it for longer. */
const keptForDays = 30;
const forgottenAtOnce = 100;

type Consumer = { id: string; name: string };

/** Grants an approved call to who asks, once; else has it wait. Whoever asks for the same consumer at the same time comes after. @throws ApiError 404 where there is no such consumer or API */
export function askAboutCall(context: RequestContext, gateway: HeldGateway, question: CallApprovalQuestion): Promise<CallApprovalAnswer> {
  const { tenant_id: tenantId } = gateway;
  return inTenant(context, async (tx) => {
    const [consumer] = await tx.$queryRaw<Consumer[]>`
      SELECT id, name FROM consumer WHERE tenant_id = ${tenantId}::uuid AND id = ${question.consumer_id}::uuid FOR NO KEY UPDATE`;
    if (consumer === undefined) throw notFound('consumer');
    const api = await tx.api.findFirst({ where: { id: question.api_id, tenant_id: tenantId }, select: { id: true } });
    if (api === null) throw notFound('API');
    const asked: Asked = { gateway, question, consumer, digest: digestOf(context, gateway, question) };
    const known = await knownOf(tx, asked);
    const claimed = known.find(({ claim_id: claim }) => claim === question.claim_id);
    if (claimed !== undefined) return { state: 'granted', approval_id: claimed.id };
    const isIn = (state: string) => known.find((row) => row.state === state);
    const approved = isIn('approved');
    if (approved !== undefined) return grant(tx, context, asked, approved);
    const waiting = isIn('pending') ?? isIn('denied');
    if (waiting !== undefined) return answerOf(context, waiting);
    return (await isFull(tx, asked)) ? { state: 'full' } : answerOf(context, await wait(tx, context, asked));
  });
}

type Asked = { gateway: HeldGateway; question: CallApprovalQuestion; consumer: Consumer; digest: string };

/** Arguments are guessed from a hash without a key. */
function digestOf({ keys }: Pick<RequestContext, 'keys'>, { environment }: HeldGateway, question: CallApprovalQuestion): string {
  const { api_id, operation_id, tool, method, path, consumer_id, arguments_hash } = question;
  return keys.hmac(`call: ${canonicalJson({ api_id, operation_id, tool, method, path, consumer_id, arguments_hash, environment })}`).toString('hex');
}

/** What there is of the same call, the oldest first: what it was granted to, and what counts at this time. */
function knownOf(tx: Prisma.TransactionClient, { gateway, question, consumer, digest }: Asked): Promise<approval[]> {
  return tx.$queryRaw<approval[]>`
    SELECT * FROM approval WHERE tenant_id = ${gateway.tenant_id}::uuid AND consumer_id = ${consumer.id}::uuid AND digest = ${digest}
      AND (claim_id = ${question.claim_id}::uuid OR (state IN ('pending', 'approved', 'denied') AND expires_at > now()))
    ORDER BY created_at`;
}

async function grant(tx: Prisma.TransactionClient, context: RequestContext, asked: Asked, { id }: approval): Promise<CallApprovalAnswer> {
  const row = await tx.approval.update({ where: { id }, data: { state: 'applied', claim_id: asked.question.claim_id } });
  await note(tx, context, asked, row);
  return { state: 'granted', approval_id: id };
}

async function isFull(tx: Prisma.TransactionClient, { gateway, consumer }: Asked): Promise<boolean> {
  const [waiting] = await tx.$queryRaw<{ all: bigint; own: bigint }[]>`
    SELECT count(*) AS all, count(*) FILTER (WHERE consumer_id = ${consumer.id}::uuid) AS own FROM approval
    WHERE tenant_id = ${gateway.tenant_id}::uuid AND demand = 'calls' AND state = 'pending' AND expires_at > now()`;
  return waiting === undefined || waiting.own >= maxOfConsumer || waiting.all >= maxOfTenant;
}

async function wait(tx: Prisma.TransactionClient, context: RequestContext, asked: Asked): Promise<approval> {
  const { gateway, question, consumer, digest } = asked;
  const { policy, api_id, operation_id, tool, method, path, consumer_id, valid_s } = question;
  const [id, tenantId] = [randomUUID(), gateway.tenant_id];
  await tx.$executeRaw`
    DELETE FROM approval WHERE id IN (SELECT id FROM approval WHERE tenant_id = ${tenantId}::uuid AND demand = 'calls'
      AND expires_at < now() - make_interval(days => ${keptForDays}::int) LIMIT ${forgottenAtOnce})`;
  const row = await tx.approval.create({
    data: {
      id,
      tenant_id: tenantId,
      demand: 'calls',
      operation: 'callTool',
      environments: [gateway.environment],
      input: {
        call: { policy, api_id, operation_id, tool, method, path, consumer_id, gateway: gateway.instance_name },
        valid_s,
      } satisfies StoredCall,
      secret: await sealedSecret(context.keys, { id, tenantId }, JSON.stringify(question.arguments)),
      digest,
      consumer_id: consumer.id,
      requested_by: consumer.name,
      expires_at: new Date(Date.now() + question.wait_s * 1000),
    },
  });
  await note(tx, context, asked, row);
  return row;
}

/** Who calls is told as the one who did it: the runtime asks in the name of a consumer. */
async function note(
  tx: Prisma.TransactionClient,
  { asked: { operationId }, requestId }: RequestContext,
  { gateway, consumer }: Asked,
  row: approval,
) {
  const actor = { kind: 'consumer', id: consumer.id, name: consumer.name } as const;
  const entry = { kind: 'change', action: operationId, outcome: 'done', actor, requestId, ...recordedApproval(row) } as const;
  await append(sqlOf(tx), gateway.tenant_id, [entry]);
}

const answerOf = ({ publicUrl }: Pick<RequestContext, 'publicUrl'>, { id, state, expires_at: expires, reason }: approval): CallApprovalAnswer => ({
  state: state === 'denied' ? 'denied' : 'pending',
  approval_id: id,
  expires_at: toTimestamp(expires),
  approve_at: `${publicUrl()}/approvals#${id}`,
  ...present({ reason }),
});

type Reading = Pick<RequestContext, 'keys'>;

/** Approvals as they are told, with the names of the APIs called, and the arguments of calls that wait. */
export async function toApprovals(tx: Prisma.TransactionClient, { keys }: Reading, rows: readonly approval[]): Promise<Approval[]> {
  const ids = rows.flatMap((row) => callOf(row)?.api_id ?? []);
  const apis = ids.length === 0 ? [] : await tx.api.findMany({ where: { id: { in: ids } }, select: { id: true, name: true } });
  const names = new Map(apis.map(({ id, name }) => [id, name]));
  return Promise.all(
    rows.map(async (row) => {
      const told = toApproval(row);
      if (told.call === undefined) return told;
      const given = told.state === 'pending' ? await openedSecret(keys, row) : undefined;
      return {
        ...told,
        call: {
          ...told.call,
          ...present({
            api: names.get(told.call.api_id),
            arguments: given === undefined ? undefined : (JSON.parse(given) as Record<string, unknown>),
          }),
        },
      };
    }),
  );
}

/** What a policy demanded, which is gone, or another by now: nobody decides on it, and what was approved is not made by it. */
export async function endCallsOf(tx: Prisma.TransactionClient, tenantId: string, policy: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE approval SET secret = NULL, state = 'expired', expires_at = least(expires_at, now())
    WHERE tenant_id = ${tenantId}::uuid AND demand = 'calls' AND state IN ('pending', 'approved') AND input->'call'->>'policy' = ${policy}`;
}

/** What calls of a consumer tell of it: none of them is made any more. */
export async function eraseCalls(tx: Prisma.TransactionClient, of: { tenantId: string; consumerId: string; pseudonym: string }): Promise<void> {
  await tx.$executeRaw`
    UPDATE approval SET requested_by = ${of.pseudonym}, secret = NULL, state = CASE WHEN state IN ('pending', 'approved') THEN 'expired' ELSE state END
    WHERE tenant_id = ${of.tenantId}::uuid AND consumer_id = ${of.consumerId}::uuid`;
}
