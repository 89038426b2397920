import type { Pool, PoolClient } from 'pg';
import type { KeyMaterial } from '../access/master-key.ts';
import type { RecordedAction } from '../audit/actions.ts';
import type { AskedOperation } from '../audit/actor.ts';
import type { Actor } from '../audit/entry.ts';
import { recordOfPerson } from '../audit/of-person.ts';
import { appendFor } from '../audit/append.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { openPayload } from './payload-adapter.ts';
import { consoleClientId } from './clients.ts';
import type { TenantGrantPayload } from './tenant-grant.ts';
import { membershipsOf } from './users.ts';

/** Where a person is signed in: a browser at the Console, or a client that he let in; or a token that he made for his programs. */
export type SignedIn = { id: string; what: 'browser' | 'client' | 'token'; name: string; since: Date; lastUsed: Date | undefined };
type Store = { pool: Pool; keys: KeyMaterial };

const maxListed = 200;

/** A person's browsers and clients, the newest first. */
export async function sessionsOf({ pool, keys }: Store, userId: string): Promise<SignedIn[]> {
  const browsers = await pool.query<{ id: string; browser: string | null; created_at: Date; last_used_at: Date | null }>(
    `SELECT id, browser, created_at, last_used_at FROM operator_token
     WHERE user_id = $1 AND kind = 'session' AND revoked_at IS NULL AND expires_at > now() ORDER BY created_at DESC LIMIT ${maxListed}`,
    [userId],
  );
  const grants = await pool.query<{ id: Buffer; payload: Buffer; created_at: Date }>(
    `SELECT id, payload, created_at FROM oidc_payload WHERE user_id = $1 AND model = 'Grant' AND expires_at > now() ORDER BY created_at DESC LIMIT ${maxListed}`,
    [userId],
  );
  const opened = await Promise.all(
    grants.rows.map(async ({ id, payload, created_at: since }) => {
      const grant: TenantGrantPayload = await openPayload(keys, 'Grant', id, payload);
      return { id, since, clientId: grant.clientId ?? '', tenantId: grant.tenant };
    }),
  );
  const tenants = new Map((await membershipsOf(pool, userId)).map(({ tenantId, tenant }) => [tenantId, tenant]));
  const clients = opened
    .filter(({ clientId }) => clientId !== consoleClientId)
    .map(({ id, since, clientId, tenantId }): SignedIn => {
      const tenant = tenantId === undefined ? undefined : tenants.get(tenantId);
      // The command line has a grant for each sign-in, which may be of different tenants.
      const name = tenant === undefined ? clientId : `${clientId} in ${tenant}`;
      return { id: id.toString('base64url'), what: 'client', name, since, lastUsed: undefined };
    });
  return [
    ...browsers.rows.map(
      ({ id, browser, created_at: since, last_used_at }): SignedIn => ({
        id,
        what: 'browser',
        name: browser ?? 'A browser',
        since,
        lastUsed: last_used_at ?? undefined,
      }),
    ),
    ...clients,
  ];
}

/** A person's good tokens, in whichever tenant, the newest first. */
export async function tokensOf({ pool }: Pick<Store, 'pool'>, userId: string): Promise<SignedIn[]> {
  const { rows } = await pool.query<{ id: string; name: string; tenant: string; created_at: Date; last_used_at: Date | null }>(
    `SELECT o.id, o.name, t.name AS tenant, o.created_at, o.last_used_at FROM operator_token o JOIN tenant t ON t.id = o.tenant_id
     WHERE o.user_id = $1 AND o.kind = 'token' AND o.revoked_at IS NULL AND o.expires_at > now() ORDER BY o.created_at DESC LIMIT ${maxListed}`,
    [userId],
  );
  return rows.map(({ id, name, tenant, created_at: since, last_used_at }) => ({
    id,
    what: 'token',
    name: `${name} in ${tenant}`,
    since,
    lastUsed: last_used_at ?? undefined,
  }));
}

type From = Pick<AskedOperation, 'address' | 'client'>;

/** Who ends it, and by which operation or page. */
export type EndedBy = { actor: Actor; action: RecordedAction; userId?: string };

/** Ends a browser's session, and the issuer's that it came from. */
export function endBrowser({ pool }: Pick<Store, 'pool'>, sessionId: string, { actor, action, userId }: EndedBy): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ issuer_session: Buffer | null; tenant_id: string; name: string }>(
      `UPDATE operator_token SET revoked_at = now() WHERE id = $1 AND kind = 'session' AND revoked_at IS NULL AND ($2::uuid IS NULL OR user_id = $2)
       RETURNING issuer_session, tenant_id, name`,
      [sessionId, userId ?? null],
    );
    const [ended] = rows;
    if (ended === undefined) return false;
    if (ended.issuer_session) await client.query(`DELETE FROM oidc_payload WHERE model = 'Session' AND uid = $1`, [ended.issuer_session]);
    const object = { kind: 'session' as const, id: sessionId, name: ended.name };
    await appendFor(client, ended.tenant_id, [{ kind: 'sign-in', action, outcome: 'done', actor, object, detail: { ended: true } }]);
    return true;
  });
}

/** Revokes a token that a person made for his programs. */
export function endToken({ pool }: Pick<Store, 'pool'>, tokenId: string, userId: string, actor: Actor): Promise<void> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ tenant_id: string; name: string }>(
      `UPDATE operator_token SET revoked_at = now() WHERE id = $1 AND kind = 'token' AND user_id = $2 AND revoked_at IS NULL RETURNING tenant_id, name`,
      [tokenId, userId],
    );
    const [ended] = rows;
    if (ended === undefined) return;
    const object = { kind: 'operator_token' as const, id: tokenId, name: ended.name };
    await appendFor(client, ended.tenant_id, [{ kind: 'change', action: 'revokePersonalToken', outcome: 'done', actor, object }]);
  });
}

/** Takes back what a person let a client do: its grant, and every token that comes from it. */
export function endClient({ pool }: Pick<Store, 'pool'>, grantId: string, userId: string, from: From): Promise<void> {
  const id = Buffer.from(grantId, 'base64url');
  return inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(`DELETE FROM oidc_payload WHERE user_id = $2 AND (grant_id = $1 OR (model = 'Grant' AND id = $1))`, [
      id,
      userId,
    ]);
    if (rowCount) await recordOfPerson(client, userId, { action: 'endClient', detail: { ended: true }, from });
  });
}

/**
 * Ends every session but one, where there is one, every client and every token of a person: whoever could sign in as he did before may have made one.
 */
export const endOthers = (client: PoolClient, userId: string, sessionId: string | undefined, from: From): Promise<void> =>
  endAll(client, userId, { but: sessionId, kinds: ['session', 'token'], action: 'endOtherSessions' }, from);

/** Ends every session and every client of a person, everywhere. His tokens stay: he ends each by itself. */
export const endEverything = ({ pool }: Pick<Store, 'pool'>, userId: string, from: From): Promise<void> =>
  inTransaction(pool, (client) => endAll(client, userId, { kinds: ['session'], action: 'endAllSessions' }, from));

type Ended = { but?: string | undefined; kinds: readonly ('session' | 'token')[]; action: RecordedAction };

async function endAll(client: PoolClient, userId: string, { but, kinds, action }: Ended, from: From): Promise<void> {
  const { rows } = await client.query<{ kind: string }>(
    `UPDATE operator_token SET revoked_at = now() WHERE user_id = $1 AND kind = ANY ($3) AND revoked_at IS NULL AND id IS DISTINCT FROM $2::uuid RETURNING kind`,
    [userId, but ?? null, kinds],
  );
  await client.query('DELETE FROM oidc_payload WHERE user_id = $1', [userId]);
  const [sessions, tokens] = ['session', 'token'].map((kind) => rows.filter((row) => row.kind === kind).length);
  await recordOfPerson(client, userId, { action, detail: { ended: true, sessions, ...(tokens !== 0 && { tokens }) }, from });
}
