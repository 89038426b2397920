import type { policy, policy_attachment, Prisma } from '@stoa/generated/prisma/client.ts';
import type { Labels, Policy, PolicyAttachment, PolicyRequest, PolicySpec } from '@stoa/generated/schemas.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import type { ProblemFault } from '@stoa/lib/problem.ts';
import { makersOf } from '../audit/actor.ts';
import { conflict, unprocessable } from '../errors.ts';
import { present, toTimestamp } from '../operations/wire.ts';
import { isForMcp, kindsForMcp } from '../deployments/mcp-kinds.ts';
import { policyFaults } from './policy-faults.ts';

type PolicyRow = policy & { attachments: policy_attachment[]; state?: Policy['state'] };

/** Refuses a policy that is well-formed and yet makes no sense. @throws ApiError 422 with every fault */
export function requireSoundPolicy(body: PolicyRequest): void {
  refuse(policyFaults(body.policy));
}

/** Refuses attachments to APIs and MCP servers that the tenant does not have, or that the kind is not for, and a name that another policy has. @throws ApiError 409 or 422 */
export async function requireFitting(
  tx: Prisma.TransactionClient,
  tenantId: string,
  policyId: string,
  { name, policy, attached_to: attachments }: PolicyRequest,
): Promise<void> {
  const namesake = await tx.policy.findFirst({ where: { tenant_id: tenantId, name, id: { not: policyId } }, select: { id: true } });
  if (namesake) throw conflict(`There is a policy named ${name} already. Update that one, or give this one another name.`, 'name_taken');
  const ids = attachments.flatMap((attachment) => attachment.api_id ?? []);
  const found = await tx.api.findMany({ where: { tenant_id: tenantId, id: { in: ids } }, select: { id: true } });
  const known = new Set(found.map((api) => api.id));
  refuse([
    ...attachments.flatMap(({ api_id }, index) =>
      api_id === undefined || known.has(api_id.toLowerCase())
        ? []
        : [{ pointer: `/body/attached_to/${index}/api_id`, message: 'there is no such API' }],
    ),
    ...(await mcpFaults(tx, tenantId, attachments, policy.kind)),
  ]);
  if (policy.kind === 'approval' && ids.length === attachments.length) refuse(await unknownOperations(tx, ids, policy.config.operations ?? []));
}

async function mcpFaults(
  tx: Prisma.TransactionClient,
  tenantId: string,
  attachments: readonly PolicyAttachment[],
  kind: PolicySpec['kind'],
): Promise<ProblemFault[]> {
  const ids = attachments.flatMap((attachment) => attachment.mcp_server_id ?? []);
  if (ids.length === 0) return [];
  const found = await tx.mcp_server.findMany({ where: { tenant_id: tenantId, id: { in: ids } }, select: { id: true } });
  const known = new Set(found.map(({ id }) => id));
  const fault = ({ api_id: apiId, mcp_server_id: id = '' }: PolicyAttachment): string | undefined => {
    if (apiId !== undefined) return 'is given together with api_id: an attachment is to one of them';
    if (!known.has(id.toLowerCase())) return 'there is no such MCP server';
    return isForMcp(kind) ? undefined : `a policy of the kind ${kind} is for APIs alone; MCP servers take ${kindsForMcp.join(', ')}`;
  };
  return attachments.flatMap((attachment, index) => {
    const message = attachment.mcp_server_id === undefined ? undefined : fault(attachment);
    return message === undefined ? [] : [{ pointer: `/body/attached_to/${index}/mcp_server_id`, message }];
  });
}

/** A misspelt name would have nothing wait. Where a policy is attached to a whole environment, nobody knows yet what is there. */
async function unknownOperations(tx: Prisma.TransactionClient, apiIds: readonly string[], names: readonly string[]) {
  if (apiIds.length === 0 || names.length === 0) return [];
  const rows = await tx.$queryRaw<{ name: string }[]>`
    SELECT asked.name FROM unnest(${names}::text[]) asked(name) WHERE NOT EXISTS (
      SELECT FROM api, jsonb_array_elements(operations) o
      WHERE api.id = ANY (${apiIds}::uuid[]) AND asked.name IN (o->>'operation_id', o->'tool'->>'name'))`;
  const unknown = new Set(rows.map((row) => row.name));
  return names.flatMap((name, index) =>
    unknown.has(name) ? [{ pointer: `/body/policy/config/operations/${index}`, message: 'none of the APIs has such an operation or tool' }] : [],
  );
}

/** Without labels in the request, those of the policy stay. */
export function toPolicyColumns({ name, policy: { kind, config }, labels }: PolicyRequest) {
  return { name, kind, config: config as Prisma.InputJsonObject, ...present({ labels }) };
}

/** The APIs that a policy is attached to by name. */
export const apiIdsOf = ({ attached_to: attachments }: Pick<PolicyRequest, 'attached_to'>): string[] =>
  attachments.flatMap(({ api_id }) => api_id ?? []);

type AttachmentRow = Pick<policy_attachment, 'api_id' | 'mcp_server_id' | 'environment'>;
const textOf = ({ api_id, mcp_server_id, environment }: AttachmentRow): string => `${api_id} ${mcp_server_id} ${environment}`;

/** The rows of the attachments; one for what is named twice. */
export function toAttachmentRows(attachments: readonly PolicyAttachment[]): AttachmentRow[] {
  const rows = attachments.map(({ api_id, mcp_server_id, environment }) => ({
    api_id: api_id?.toLowerCase() ?? null,
    mcp_server_id: mcp_server_id?.toLowerCase() ?? null,
    environment: environment ?? null,
  }));
  return [...new Map(rows.map((row) => [textOf(row), row])).values()];
}

/** Whether an update would change nothing of a policy. */
export function saysTheSame(row: PolicyRow, body: PolicyRequest): boolean {
  const attachments = (rows: readonly AttachmentRow[]) => rows.map(textOf).sort();
  const { name, kind, config, labels } = row;
  return (
    canonicalJson({ name, kind, config, labels }) === canonicalJson({ labels, ...toPolicyColumns(body) }) &&
    canonicalJson(attachments(row.attachments)) === canonicalJson(attachments(toAttachmentRows(body.attached_to)))
  );
}

export function toPolicy(row: PolicyRow): Policy {
  return {
    policy_id: row.id,
    name: row.name,
    // Stored only after the contract's schema of this kind was checked.
    policy: { kind: row.kind, config: row.config } as unknown as PolicySpec,
    attached_to: row.attachments.map(({ api_id, mcp_server_id, environment }) => present({ api_id, mcp_server_id, environment })),
    labels: row.labels as Labels,
    ...present({ state: row.state }),
    created_at: toTimestamp(row.created_at),
    updated_at: toTimestamp(row.updated_at),
    ...makersOf(row),
  };
}

function refuse(faults: ProblemFault[]): void {
  if (faults.length > 0) throw unprocessable(`The policy has ${faults.length} fault${faults.length === 1 ? '' : 's'}.`, faults);
}
