import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeDurably } from '@stoa/lib/durable-file.ts';
import { ExpectedError } from '@stoa/lib/settings.ts';
import type { Database } from '../database/connection.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { mintCredential } from './credentials.ts';
import type { KeyMaterial } from './master-key.ts';

type Minted = { secret: string; file: string };

/**
 * Mints the administrator's token, with the role of the owner, at the first start, or when no owner's token is left, and keeps it in a file that only the owner reads. The file is written before the token
 * is made good, so that a kill in between leaves no token that nobody knows. With replicas, the one that comes first mints.
 */
export async function ensureAdministrator({ pool }: Pick<Database, 'pool'>, keys: KeyMaterial, file: string): Promise<Minted | undefined> {
  const { secret, hint } = mintCredential('operatorToken');
  return inTransaction(pool, async (client) => {
    await client.query('LOCK TABLE operator_token IN SHARE ROW EXCLUSIVE MODE');
    const { rowCount } = await client.query(
      `SELECT FROM operator_token WHERE kind = 'token' AND 'owner' = ANY (roles) AND '*' = ANY (scopes) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) LIMIT 1`,
    );
    if (rowCount === 1) return undefined;
    await keep(file, secret).catch((error: NodeJS.ErrnoException) => {
      throw new ExpectedError(
        `The administrator's token cannot be kept in ${file} (${error.code ?? error.message}): correct STOA_DATA_DIR or its permissions.`,
        { cause: error },
      );
    });
    await client.query(
      `INSERT INTO operator_token (tenant_id, name, roles, hint, hmac) SELECT id, 'first owner', '{owner}', $1, $2 FROM tenant WHERE id = (SELECT tenant_id FROM platform)`,
      [hint, keys.hmac(secret)],
    );
    return { secret, file };
  });
}

async function keep(file: string, secret: string): Promise<void> {
  // Nothing else may have made the directory when the database is a server of the operator's.
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeDurably(file, `${secret}\n`);
}
