import { inTransaction } from '../../database/in-transaction.ts';
import type { ConsoleWay } from '../console-way.ts';
import { payloadName } from '../payload-adapter.ts';
import type { ExternalIssuer } from './external-issuer.ts';
import { knowPerson, setMemberships } from './people.ts';

/** The Console as a client of the issuer that `STOA_OIDC_ISSUER` names. */
export const externalSignIn = (external: ExternalIssuer): ConsoleWay => ({
  begin: (_context, checks, how) => external.authorizationUrl(checks, how),
  async complete({ db, keys }, address, checks) {
    const { session, refreshToken, ...person } = await external.complete(address, checks);
    const userId = await inTransaction(db.pool, async (client) => {
      const known = await knowPerson(client, external.issuer, person);
      await setMemberships(client, known, person.roles);
      return known.id;
    });
    return { userId, issuerSession: session === undefined ? undefined : payloadName(keys, session), refreshToken };
  },
});
