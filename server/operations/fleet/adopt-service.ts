import { randomUUID } from 'node:crypto';
import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { AdoptionAnswer, Api } from '@stoa/generated/schemas.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { askGateways, waitMs } from '../../deployments/ask-gateways.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { freeDeploymentName } from '../../deployments/deployment-names.ts';
import { toDeployment } from '../../deployments/deployment-rows.ts';
import { dryRunFeature } from '../../deployments/dry-runs.ts';
import { documentOf, slugOf } from '../../fleet/adopted-document.ts';
import { ApiError, conflict, notFound, unprocessable } from '../../errors.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { requireRoom } from '../../tenants/limits.ts';

export const adoptService: Handler<operations['adoptService'], RequestContext> = async ({ path, query, body }, context) => {
  const { tenantId } = requireOperator(context);
  const gateway = await inTenant(context, (tx) => findGateway(tx, tenantId, path.gateway_id));
  const apiId = randomUUID();
  const answers = await askGateways(context, [gateway.id], { adopt: { object_id: body.object_id, api_id: apiId } });
  const answer = answers.get(gateway.id);
  if (answer === undefined)
    throw new ApiError(503, `The Connect ${gateway.instance_name} did not answer within ${waitMs / 1000} s; nothing was taken over.`, {
      retryAfterS: 5,
    });
  if (answer.unavailable !== undefined) throw new ApiError(503, answer.unavailable, { retryAfterS: 5 });
  const { adoption = {}, writes } = answer;
  if (adoption.refusal !== undefined) throw unprocessable(adoption.refusal, [{ pointer: '/body/object_id', message: adoption.refusal }]);
  const name = body.name ?? slugOf(adoption.name ?? '');
  const isDryRun = query.dry_run === true;
  const id = randomUUID();
  const made = await changeCatalog(
    context,
    tenantId,
    { kind: 'deployment', id },
    async (tx) => {
      // Once more: the gateway took its time to answer.
      await requireNoSecondPerson(tx, tenantId, gateway.environment);
      await requireUnguarded(tx, tenantId, gateway.environment);
      const api = await defineApi(context, name, adoption, gateway);
      const by = { created_by: makerOf(context.principal), updated_by: makerOf(context.principal) };
      const targets = { environments: [gateway.environment], instance_names: [gateway.instance_name] };
      const called = await freeDeploymentName(tx, tenantId, api.name);
      await requireRoom(tx, tenantId, 'deployments');
      const adopted = (adoption.objects ?? []) as unknown as Prisma.InputJsonArray;
      const deployment = await tx.deployment.create({
        data: { id, tenant_id: tenantId, api_id: api.api_id, name: called, targets, revision: 1, adopted, ...by },
      });
      const detail = { gateway: gateway.instance_name, object: body.object_id };
      await record(tx, context, { object: { kind: 'deployment', id, name: called }, after: toDeployment(deployment), detail });
      return { api, deployment: toDeployment(deployment) };
    },
    isDryRun,
  );
  // It was asked about before the API had its id.
  const ofApi = (text: string): string => text.replaceAll(apiId, made.api.api_id);
  const told = writes.map(({ item_id, detail, ...write }) => ({
    ...write,
    ...(item_id !== undefined && { item_id: ofApi(item_id) }),
    ...(detail !== undefined && { detail: ofApi(detail) }),
  }));
  return { status: 201, body: { ...made, writes: told, stays: adoption.stays ?? [] } };
};

/** @throws ApiError 404 for none, 422 for one that takes nothing over, 409 where a second person would have to approve what is deployed */
async function findGateway(tx: Prisma.TransactionClient, tenantId: string, id: string) {
  const gateway = await tx.gateway.findFirst({
    where: { id, tenant_id: tenantId },
    select: { id: true, instance_name: true, environment: true, features: true, gateway_mode: true, team: true },
  });
  if (!gateway) throw notFound('gateway');
  if (gateway.gateway_mode !== 'connect' || !gateway.features.includes(dryRunFeature))
    throw unprocessable('Only a Connect takes services over, of a version that answers dry runs.', []);
  await requireNoSecondPerson(tx, tenantId, gateway.environment);
  return gateway;
}

async function requireNoSecondPerson(tx: Prisma.TransactionClient, tenantId: string, environment: string): Promise<void> {
  const setting = await tx.environment_setting.findUnique({ where: { tenant_id_environment: { tenant_id: tenantId, environment } } });
  if (setting?.four_eyes.includes('deployments') === true)
    throw conflict(
      `${environment} demands a second person for deployments, and taking over cannot wait for one: what is there may be another by then.`,
      'second_person',
    );
}

/** @throws ApiError 409 where a policy applies to every API there: it would be put on what is taken over, and traffic would notice */
async function requireUnguarded(tx: Prisma.TransactionClient, tenantId: string, environment: string): Promise<void> {
  const found = await tx.policy.findFirst({
    where: { tenant_id: tenantId, attachments: { some: { api_id: null, mcp_server_id: null, OR: [{ environment: null }, { environment }] } } },
    select: { name: true },
  });
  if (found)
    throw conflict(
      `The policy ${found.name} applies to every API in ${environment}, and traffic would notice it: attach it to APIs by name first.`,
      'policy_applies',
    );
}

/** As `createApi` does it, in the same transaction, for the team whose the gateway is. Its plugins guard it, so that it is open as far as STOA is asked. */
async function defineApi(
  context: RequestContext,
  name: string,
  adoption: AdoptionAnswer,
  { instance_name: gatewayName, team }: { instance_name: string; team: string | null },
): Promise<Api> {
  const document = new TextEncoder().encode(JSON.stringify(documentOf(name, adoption, gatewayName)));
  const body = { name, document: {}, open_to_all_consumers: true, ...(team !== null && { team }) };
  const { body: api } = await context.perform(
    'createApi',
    { path: {}, query: {}, headers: {}, body },
    Object.assign(Object.create(context) as RequestContext, { document }),
  );
  return api as Api;
}
