import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeDurably } from '@stoa/lib/durable-file.ts';
import { ExpectedError } from '@stoa/lib/settings.ts';
import type { Database } from '../database/connection.ts';
import { mintCredential } from './credentials.ts';
import type { KeyMaterial } from './master-key.ts';

/**
 * Mints the administrator's token, with the role of the owner, at the first start, or when no owner's token is left, and keeps it in a file that only the owner reads. The file is written before the token
 * is made good, so that a kill in between leaves no token that nobody knows. With replicas, the one that comes first mints.
 */
export async function ensureAdministrator(db: Database, keys: KeyMaterial, file: string): Promise<{ secret: string; file: string } | undefined> {
  const { secret, hint } = mintCredential('operatorToken');
  return db.prisma.$transaction(async (tx) => {
    await tx.$executeRaw`LOCK TABLE operator_token IN SHARE ROW EXCLUSIVE MODE`;
    const isGood = { revoked_at: null, OR: [{ expires_at: null }, { expires_at: { gt: new Date() } }] };
    if ((await tx.operator_token.count({ where: { kind: 'token', roles: { has: 'owner' }, scopes: { has: '*' }, ...isGood } })) > 0) return undefined;
    const tenant = await tx.tenant.findUniqueOrThrow({ where: { name: 'default' } });
    await keep(file, secret).catch((error: NodeJS.ErrnoException) => {
      throw new ExpectedError(
        `The administrator's token cannot be kept in ${file} (${error.code ?? error.message}): correct STOA_DATA_DIR or its permissions.`,
        { cause: error },
      );
    });
    await tx.operator_token.create({
      data: { tenant_id: tenant.id, name: 'first owner', roles: ['owner'], hint, hmac: new Uint8Array(keys.hmac(secret)) },
    });
    return { secret, file };
  });
}

async function keep(file: string, secret: string): Promise<void> {
  // Nothing else may have made the directory when the database is a server of the operator's.
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeDurably(file, `${secret}\n`);
}
