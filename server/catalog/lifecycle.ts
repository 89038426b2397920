import { Prisma } from '@stoa/generated/prisma/client.ts';
import type { api } from '@stoa/generated/prisma/client.ts';
import type { ApiLifecycle } from '@stoa/generated/schemas.ts';
import { conflict, invalid } from '../errors.ts';

/** What a request says of the lifecycle, as it is stored: nothing, that there is none, or one with moments in UTC. @throws ApiError 400 when an API would be gone before it is deprecated */
export function lifecycleGiven(given: ApiLifecycle | null | undefined): ApiLifecycle | typeof Prisma.DbNull | undefined {
  if (given === undefined) return undefined;
  if (given === null) return Prisma.DbNull;
  const { deprecated_at: deprecated, sunset_at: sunset } = given;
  const inUtc = (text: string): string => new Date(text).toISOString();
  // The contract's form of a moment has leap seconds, of which JavaScript knows nothing.
  for (const [member, text] of Object.entries({ deprecated_at: deprecated, sunset_at: sunset }))
    if (text !== undefined && Number.isNaN(Date.parse(text)))
      throw invalid([{ pointer: `/body/lifecycle/${member}`, message: 'must be a moment that there is' }]);
  // RFC 9745 §4: the sunset is never the earlier one.
  if (deprecated !== undefined && sunset !== undefined && Date.parse(sunset) < Date.parse(deprecated))
    throw invalid([{ pointer: '/body/lifecycle/sunset_at', message: 'must not be earlier than deprecated_at' }]);
  return {
    ...given,
    ...(deprecated !== undefined && { deprecated_at: inUtc(deprecated) }),
    ...(sunset !== undefined && { sunset_at: inUtc(sunset) }),
  };
}

type Named = { name: string; team: string | null; version_of: string | null; version: string | null };

/**
 * Refuses an API, as it is stored now, that shares the place below `/apis` with another one: a version that there is already, and a name whose versions are of another team, which
 * would be sent what is meant for that.
 * @throws ApiError 409
 */
export async function requireVersionFits(
  tx: Prisma.TransactionClient,
  { id, tenant_id: tenantId, name, team, lifecycle }: Pick<api, 'id' | 'tenant_id' | 'name' | 'team' | 'lifecycle'>,
): Promise<void> {
  const { version_of: family = null, version = null } = (lifecycle ?? {}) as ApiLifecycle;
  const related = await tx.$queryRaw<Named[]>`
    SELECT name, team, lifecycle->>'version_of' AS version_of, lifecycle->>'version' AS version FROM api
    WHERE tenant_id = ${tenantId}::uuid AND id <> ${id}::uuid AND (lifecycle->>'version_of' IN (${name}, ${family}::text) OR name = ${family}::text)`;
  const same = related.find((other) => family !== null && other.version_of === family && other.version === version);
  if (same) throw conflict(`The API ${same.name} is the version ${version} of ${family} already. Give this one another version.`, 'version_taken');
  const foreign = related.find((other) => other.team !== team);
  if (foreign)
    throw conflict(
      `The API ${foreign.name} shares the place /apis/${foreign.version_of ?? foreign.name} with this one and is not of the same team. Give this one another name, or another version_of.`,
      'version_of_another_team',
    );
}
