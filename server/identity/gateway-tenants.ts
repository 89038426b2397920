import type { Pool } from 'pg';
import type { ClientRule } from '@stoa/generated/schemas.ts';
import type { Membership } from './users.ts';

type Rule = ClientRule['admits'];
const admits: Readonly<Record<Rule, (isDocument: boolean) => boolean>> = {
  everybody: () => true,
  documents: (isDocument) => isDocument,
  nobody: () => false,
};

/** A client that is known by a document, which its owner's domain vouches for (Client ID Metadata Documents). */
export const isDocumentClient = (clientId: string): boolean => clientId.startsWith('https:');

export type AdmittedTo = { tenants: Membership[]; refusal: string };

/**
 * Where a person may let a client in that registered itself, or is known by its document: in tenants that the person belongs to, whose gateways serve MCP at every resource that the client asks for,
 * and whose rule admits such a client. Without any, `refusal` says why.
 */
export async function admission(pool: Pool, memberships: readonly Membership[], clientId: string, resources: readonly string[]): Promise<AdmittedTo> {
  const { rows } = await pool.query<{ tenant_id: string; client_rule: Rule }>(
    `SELECT t.id AS tenant_id, t.client_rule FROM tenant t WHERE NOT EXISTS (
       SELECT FROM unnest($1::text[]) AS asked (resource) WHERE NOT EXISTS (
         SELECT FROM gateway g WHERE g.tenant_id = t.id AND g.endpoints ? 'mcp' AND rtrim(g.endpoints->>'mcp', '/') = rtrim(split_part(asked.resource, '?', 1), '/') AND g.revoked_at IS NULL))`,
    [resources],
  );
  const own = memberships.flatMap((membership) => {
    const row = rows.find(({ tenant_id }) => tenant_id === membership.tenantId);
    return row ? [{ membership, rule: row.client_rule }] : [];
  });
  const tenants = own.filter(({ rule }) => admits[rule](isDocumentClient(clientId))).map(({ membership }) => membership);
  const refusal =
    own.length === 0
      ? 'You do not belong to the tenant of the gateway that the client asks for.'
      : 'The tenant of this gateway lets no such client in. Ask whoever administers it.';
  return { tenants, refusal };
}
