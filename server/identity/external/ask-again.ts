import type { Pool, PoolClient } from 'pg';
import type { KeyMaterial } from '../../access/master-key.ts';
import { inTransaction } from '../../database/in-transaction.ts';
import { ApiError, overloaded } from '../../errors.ts';
import { appendFor } from '../../audit/append.ts';
import { endedElsewhere } from './ended-elsewhere.ts';
import type { EndedSession } from './ended-elsewhere.ts';
import { IssuerRefusal } from './external-issuer.ts';
import type { ExternalIssuer } from './external-issuer.ts';
import { knowPerson, setMemberships } from './people.ts';

type Parts = { pool: Pool; keys: KeyMaterial; external: ExternalIssuer };

/** Each holds a connection to the database until the issuer has answered. */
const maxAtOnce = 3;
const maxWaiting = 100;

export const refreshContext = (sessionId: string): string => `refresh token of session ${sessionId}`;

/**
 * Asks the issuer again for sessions that have not done so for a while. The row is locked meanwhile: refresh tokens are good once at many issuers, and a page asks
 * many things at a time, of several replicas.
 */
export class AskAgain {
  readonly #parts: Parts;
  readonly #waiting: (() => void)[] = [];
  #atOnce = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Whether the session goes on. @throws ApiError 503 when the issuer does not answer */
  async session(id: string): Promise<boolean> {
    await this.#turn();
    try {
      const outcome = await inTransaction(this.#parts.pool, (client) => this.#ask(client, id));
      if (outcome instanceof ApiError) throw outcome;
      return outcome;
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#atOnce -= 1;
    }
  }

  async #ask(client: PoolClient, id: string): Promise<boolean | ApiError> {
    const { keys, external } = this.#parts;
    const { rows } = await client.query<EndedSession & { issuer_refresh: Uint8Array; subject: string; is_fresh: boolean }>(
      `SELECT t.id, t.tenant_id, t.user_id, t.name, t.issuer_refresh, u.subject, t.issuer_asked_at > now() - make_interval(secs => $2) AS is_fresh
       FROM operator_token t JOIN app_user u ON u.id = t.user_id WHERE t.id = $1 AND t.revoked_at IS NULL AND t.issuer_refresh IS NOT NULL FOR UPDATE OF t`,
      [id, external.askAgainS],
    );
    const [row] = rows;
    if (!row) return false;
    // Somebody else has asked while we waited for the row.
    if (row.is_fresh) return true;
    try {
      const person = await external.askAgain(row.subject, await keys.open(row.issuer_refresh, refreshContext(id)));
      await setMemberships(client, await knowPerson(client, external.issuer, { ...person, subject: row.subject }), person.roles);
      const sealed = await keys.seal(person.refreshToken ?? '', refreshContext(id));
      await client.query('UPDATE operator_token SET issuer_asked_at = clock_timestamp(), issuer_refresh = $2 WHERE id = $1', [id, sealed]);
      return true;
    } catch (error) {
      if (error instanceof ApiError) return error;
      if (!(error instanceof IssuerRefusal)) throw error;
      await client.query('UPDATE operator_token SET revoked_at = now() WHERE id = $1', [id]);
      await appendFor(client, row.tenant_id, [endedElsewhere(row, 'asked again')]);
      return false;
    }
  }

  /** A place that becomes free goes to who waits for longest. */
  async #turn(): Promise<void> {
    if (this.#atOnce < maxAtOnce) {
      this.#atOnce += 1;
      return;
    }
    if (this.#waiting.length >= maxWaiting) throw overloaded(5);
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
