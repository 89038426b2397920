import type { Prisma, trusted_issuer } from '@stoa/generated/prisma/client.ts';
import type { Introspection, IntrospectionItem, TokenRules, TrustedIssuer, TrustedIssuerRequest } from '@stoa/generated/schemas.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import type { KeyMaterial } from '../access/master-key.ts';
import { conflict, unprocessable } from '../errors.ts';
import { toTimestamp } from '../operations/wire.ts';

/** What a row holds besides what is searched for. */
type Config = { rules: TokenRules; introspection?: Introspection };
type Row = Omit<trusted_issuer, 'is_embedded'>;

/** Stored only after the contract's schema was checked. */
const configOf = ({ config }: Pick<Row, 'config'>): Config => config as unknown as Config;

export function toTrustedIssuer(row: Row, warnings: readonly string[] = []): TrustedIssuer {
  return {
    trusted_issuer_id: row.id,
    name: row.name,
    ...configOf(row),
    ...(warnings.length > 0 && { warnings: [...warnings] }),
    created_at: toTimestamp(row.created_at),
    updated_at: toTimestamp(row.updated_at),
  };
}

/** The columns of a request but for the secret. What was the embedded issuer once stays that: see `markEmbedded`. */
export function toColumns(
  { name, rules, introspection }: TrustedIssuerRequest,
  embeddedIssuer: string | undefined,
  present?: Pick<trusted_issuer, 'issuer' | 'is_embedded'>,
) {
  const { client_secret: _, ...asked } = introspection ?? {};
  const config = { rules, ...(introspection !== undefined && { introspection: asked }) };
  const isEmbedded = rules.issuer === embeddedIssuer || (present?.is_embedded === true && present.issuer === rules.issuer);
  return { name, issuer: rules.issuer, is_embedded: isEmbedded, config: config as unknown as Prisma.InputJsonObject };
}

export const saysTheSame = (row: Row, { name, config }: ReturnType<typeof toColumns>): boolean =>
  canonicalJson([row.name, row.config]) === canonicalJson([name, config]);

const placeOf = (id: string): string => `trusted_issuer:${id}`;

/**
 * The sealed secret of the client that gateways ask as: the one that is given, or the present one where it goes to the same place by the same name. Else whoever may
 * write here, and does not know the secret, could have it sent to himself.
 * @throws ApiError 422 without either
 */
export async function secretToKeep(
  keys: KeyMaterial,
  { id, tenantId }: { id: string; tenantId: string },
  { rules, introspection }: TrustedIssuerRequest,
  present?: Row,
): Promise<Uint8Array<ArrayBuffer> | null> {
  if (introspection === undefined) return null;
  const { client_secret: secret } = introspection;
  if (secret !== undefined) return new Uint8Array(await keys.seal(secret, placeOf(id), tenantId));
  const before = present && configOf(present);
  const place = (of: Config) =>
    canonicalJson([of.rules.issuer, of.rules.discovery_url ?? null, of.introspection?.endpoint ?? null, of.introspection?.client_id ?? null]);
  if (present?.secret && before && place(before) === place({ rules, introspection })) return new Uint8Array(present.secret);
  const message = before === undefined ? 'is required' : 'is required, because it would be sent elsewhere, or by another name, than the present one';
  throw unprocessable('The secret of the client that asks is missing.', [{ pointer: '/body/introspection/client_secret', message }]);
}

export async function openedIntrospection(
  keys: KeyMaterial,
  row: Pick<Row, 'id' | 'tenant_id' | 'config' | 'secret'>,
): Promise<IntrospectionItem | undefined> {
  const { introspection } = configOf(row);
  if (introspection === undefined || row.secret === null) return undefined;
  return { ...introspection, client_secret: await keys.open(row.secret, placeOf(row.id), row.tenant_id) };
}

/** Whether a request names no other secret than the present one. */
export async function keepsSecret(keys: KeyMaterial, row: Row, { introspection }: TrustedIssuerRequest): Promise<boolean> {
  const { client_secret: secret } = introspection ?? {};
  return secret === undefined || (await openedIntrospection(keys, row))?.client_secret === secret;
}

/** @throws ApiError 409 when another one has the name, or is of the same issuer */
export async function requireFreePlace(
  tx: Prisma.TransactionClient,
  tenantId: string,
  id: string,
  { name, rules }: TrustedIssuerRequest,
): Promise<void> {
  const rival = await tx.trusted_issuer.findFirst({ where: { tenant_id: tenantId, id: { not: id }, OR: [{ name }, { issuer: rules.issuer }] } });
  if (!rival) return;
  if (rival.name === name)
    throw conflict(`There is a trusted issuer named ${name} already. Update that one, or give this one another name.`, 'name_taken');
  throw conflict(`The issuer ${rules.issuer} is trusted already, by the name ${rival.name}: update that one.`, 'issuer_taken');
}

/** The token endpoints that tokens of some issuer may be sent to, exactly as they are named. */
export async function exchangeEndpoints(tx: Prisma.TransactionClient, tenantId: string): Promise<ReadonlySet<string>> {
  const rows = await tx.trusted_issuer.findMany({ where: { tenant_id: tenantId }, select: { config: true } });
  return new Set(rows.flatMap((row) => configOf(row).rules.exchange_endpoints ?? []));
}

const namedAtMost = 5;

/** What is probably not meant. */
export async function warningsOf(tx: Prisma.TransactionClient, tenantId: string, { rules }: Pick<TrustedIssuerRequest, 'rules'>): Promise<string[]> {
  const named = [...new Set(rules.consumers.flatMap(({ consumer }) => consumer ?? []))];
  const found = await tx.consumer.findMany({ where: { tenant_id: tenantId, name: { in: named } }, select: { name: true } });
  const missing = named.filter((name) => !found.some((one) => one.name === name)).slice(0, namedAtMost);
  return missing.map((name) => `There is no consumer named ${name}: tokens that a rule says are its own are refused.`);
}

/** The rules as runtimes are given them. One issuer serves the tenants of a Control Plane, and each token says of which it is. */
export const rulesOf = (row: Pick<trusted_issuer, 'config' | 'is_embedded' | 'tenant_id'>): TokenRules => {
  const { rules } = configOf(row);
  if (!row.is_embedded) return rules;
  return { ...rules, required_claims: [...(rules.required_claims ?? []), { claim: 'tenant', values: [row.tenant_id] }] };
};
