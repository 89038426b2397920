import { join } from 'node:path';
import { ExpectedError } from '@stoa/lib/errors.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type pg from 'pg';
import { accessChannel } from './access/access-channel.ts';
import { mintCredential } from './access/credentials.ts';
import type { KeyMaterial } from './access/master-key.ts';
import { loadMasterKey } from './access/master-key.ts';
import { appendFor } from './audit/append.ts';
import { commandActor } from './audit/by-command.ts';
import type { Settings } from './config.ts';
import { onDatabase } from './database/reach-database.ts';
import { readCredentialHmac } from './secrets/credential-hmac.ts';
import { requireKnownMasterKey } from './secrets/same-master-key.ts';

/** By it others recognise the token, in the list of tokens and in the log. */
export const recoveredOwner = 'recovered owner';
const linkFor = "interval '10 minutes'";
const sessionFor = "interval '1 hour'";

/**
 * Lets one owner in, on the machine of the server, where neither the issuer nor a password can be had. The link comes from a token that nobody knows, stands in the list of tokens and ends all that is
 * done by it when it is revoked, or after an hour. A second one ends the first. The audit has a record of each.
 */
export async function recoverOwner(settings: Settings, log: Logger): Promise<{ url: string; until: string }> {
  const { databaseUrl, dataDir } = settings;
  return onDatabase(settings, log, async (client) => {
    const source = await loadMasterKey(settings, databaseUrl === undefined ? join(dataDir, 'master-key') : undefined);
    const { rows } = await client.query<{ is_ours: boolean }>(`SELECT to_regclass('data_key') IS NOT NULL AS is_ours`);
    if (rows[0]?.is_ours !== true)
      throw new ExpectedError(
        'This database has no tables of this release yet: start the Control Plane once, which prints a link for its first owner.',
      );
    await requireKnownMasterKey(client, source);
    const { code, until, tenant } = await mint(client, { hmac: await readCredentialHmac(client, source) });
    log.warn(
      { tenant, until },
      'A link was made that signs in as an owner, on the machine of the server: the token "recovered owner" in the list of tokens ends it.',
    );
    return { url: `${publicUrlOf(settings)}/sign-in#code=${code}`, until };
  });
}

async function mint(client: pg.Client, keys: Pick<KeyMaterial, 'hmac'>): Promise<{ code: string; until: string; tenant: string }> {
  const [token, link] = [mintCredential('operatorToken'), mintCredential('signInCode')];
  await client.query('BEGIN');
  await client.query(`UPDATE operator_token SET revoked_at = now() WHERE name = $1 AND kind IN ('token', 'session') AND revoked_at IS NULL`, [
    recoveredOwner,
  ]);
  const { rows } = await client.query<{ id: string; tenant_id: string; expires_at: Date; tenant: string }>(
    `INSERT INTO operator_token (tenant_id, name, roles, hint, hmac, expires_at)
     SELECT id, $1, '{owner}', $2, $3, now() + ${sessionFor} FROM tenant WHERE id = (SELECT tenant_id FROM platform)
     RETURNING id, tenant_id, expires_at, (SELECT t.name FROM tenant t WHERE t.id = tenant_id) AS tenant`,
    [recoveredOwner, token.hint, keys.hmac(token.secret)],
  );
  const [made] = rows;
  if (!made) throw new ExpectedError('There is no tenant of the platform: start the Control Plane once.');
  await client.query(
    `INSERT INTO operator_token (tenant_id, kind, issued_by, name, roles, hint, hmac, expires_at) VALUES ($1, 'link', $2, $3, '{owner}', $4, $5, now() + ${linkFor})`,
    [made.tenant_id, made.id, recoveredOwner, link.hint, keys.hmac(link.secret)],
  );
  const token_id = made.id;
  const state = { token_id, name: recoveredOwner, roles: ['owner'], expires_at: made.expires_at.toISOString() };
  const object = { kind: 'operator_token', id: token_id, name: recoveredOwner } as const;
  await appendFor(client, made.tenant_id, [
    { kind: 'sign-in', action: 'recoverOwner', outcome: 'done', actor: commandActor(), object, after: state },
  ]);
  await client.query('SELECT pg_notify($1, $2)', [accessChannel, 'revoked']);
  await client.query('COMMIT');
  return { code: link.secret, until: made.expires_at.toISOString(), tenant: made.tenant };
}

/** As browsers on this machine reach the server, unless the settings say more. */
function publicUrlOf({ publicUrl, listen: { host, port }, tlsCertFile }: Settings): string {
  const reached = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return publicUrl ?? `${tlsCertFile === undefined ? 'http' : 'https'}://${reached}:${port}`;
}
