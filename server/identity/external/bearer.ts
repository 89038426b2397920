import type { Logger } from '@stoa/lib/log.ts';
import type { Pool } from 'pg';
import type { FoundPrincipal } from '../../access/find-principal.ts';
import type { KeyMaterial } from '../../access/master-key.ts';
import { holderOf } from '../../access/principal.ts';
import type { OperatorPrincipal } from '../../access/principal.ts';
import { ApiError } from '../../errors.ts';
import { IssuerRefusal } from './external-issuer.ts';
import type { ExternalIssuer, IssuerPerson } from './external-issuer.ts';
import { firstTenant, knowPerson } from './people.ts';

type Parts = { pool: Pool; keys: KeyMaterial; external: ExternalIssuer; log: Logger };

/**
 * The person who sends an access token of the issuer. What he may do follows from the groups that the token names; the memberships, which come from signing in to the Console, are left alone: many
 * issuers say more in one kind of token than in the other.
 * @throws ApiError 403 for somebody who has no role here, 503 when the issuer's keys cannot be fetched
 */
export async function findBearer({ pool, keys, external, log }: Parts, token: string): Promise<FoundPrincipal<OperatorPrincipal> | undefined> {
  const person = await judged(external, token, log);
  if (person === undefined) return undefined;
  const { id: userId, name, isDisabled } = await knowPerson(pool, external.issuer, person);
  if (isDisabled) return undefined;
  const tenant = await firstTenant(pool, userId, person.roles);
  if (tenant === undefined) throw noRole(person.name);
  return {
    principal: holderOf(keys.hmac(token), { ...tenant, userId, name, expiresAt: person.expiresAt }),
    // Judged again with each look-up, by its own end.
    validForMs: Infinity,
  };
}

async function judged(external: ExternalIssuer, token: string, log: Logger): Promise<(IssuerPerson & { expiresAt: Date }) | undefined> {
  try {
    return await external.accessToken(token);
  } catch (error) {
    if (!(error instanceof IssuerRefusal)) throw error;
    log.info({ reason: error.message }, 'An access token of the issuer was refused.');
    return undefined;
  }
}

const noRole = (name: string) =>
  new ApiError(
    403,
    `${name} is signed in, but none of the groups that the issuer names has a role here. Ask who runs this Control Plane, whose STOA_OIDC_ROLES says which has.`,
    {
      code: 'no_role',
    },
  );
