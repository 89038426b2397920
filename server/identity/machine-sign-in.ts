import Provider, { errors } from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Logger } from '@stoa/lib/log.ts';
import type { Pool } from 'pg';
import type { KeyMaterial } from '../access/master-key.ts';
import type { Actor } from '../audit/entry.ts';
import { appendFor } from '../audit/append.ts';
import type { CountedRecords } from '../audit/counted.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { findServiceAccount, isSecretOf, isServiceAccountId } from './service-accounts.ts';
import type { ServiceAccountClient } from './service-accounts.ts';

type Parts = { pool: Pool; keys: KeyMaterial; counted: CountedRecords };
type Secretive = { clientId: string; compareClientSecret(actual: string): boolean | Promise<boolean> };

/** From where a request to the issuer came: its headers are ours by then. */
export const callerAtIssuer = (ctx: Pick<KoaContextWithOIDC, 'ip' | 'get'>): Pick<Actor, 'address' | 'client'> => ({
  address: ctx.ip,
  client: ctx.get('user-agent') || undefined,
});

/** The library compares with a secret that it keeps in clear. Of service accounts nobody keeps one. */
export function compareSecretsOfMachines({ Client }: Provider, { pool, keys, counted }: Parts): void {
  const { prototype } = Client as unknown as { prototype: Secretive };
  const compare = prototype.compareClientSecret;
  prototype.compareClientSecret = async function (this: Secretive, actual: string) {
    if (!isServiceAccountId(this.clientId)) return compare.call(this, actual);
    if (await isSecretOf(pool, keys, this.clientId, actual)) return true;
    await noteFailed({ pool, counted }, this.clientId, Provider.ctx, 'client secret');
    return false;
  };
}

/** Those of who signs by a key, which the library judges by itself. */
export function noteFailedAssertions(provider: Provider, parts: Pick<Parts, 'pool' | 'counted'> & { log: Logger }): void {
  provider.on('grant.error', (ctx: KoaContextWithOIDC, error: { error?: string }) => {
    const { client, params } = ctx.oidc;
    if (error.error !== 'invalid_client' || params?.['client_assertion'] === undefined || client === undefined) return;
    noteFailed(parts, client.clientId, ctx, 'client assertion').catch((err: unknown) => parts.log.error({ err }, 'A failed sign-in was not noted.'));
  });
}

async function noteFailed(
  { pool, counted }: Pick<Parts, 'pool' | 'counted'>,
  clientId: string,
  ctx: KoaContextWithOIDC | undefined,
  step: string,
): Promise<void> {
  const account = await findServiceAccount(pool, clientId);
  if (account === undefined) return;
  const actor = { kind: 'nobody' as const, ...(ctx && callerAtIssuer(ctx)) };
  counted.note(account.tenantId, { kind: 'sign-in', action: 'signIn', outcome: 'failed', actor, object: objectOf(account), detail: { step } });
}

const objectOf = ({ id, name }: ServiceAccountClient) => ({ kind: 'service_account' as const, id, name });

/** Records that a service account signed in, before it gets its token. Answers whose it is. @throws errors.InvalidGrant when it is gone by now */
export async function machineSignedIn(pool: Pool, ctx: KoaContextWithOIDC, clientId: string): Promise<ServiceAccountClient> {
  const account = await findServiceAccount(pool, clientId);
  if (!account) throw new errors.InvalidGrant('the service account is gone, or is over');
  const actor = { kind: 'token' as const, id: account.id, name: account.name, ...callerAtIssuer(ctx) };
  const entry = { kind: 'sign-in' as const, action: 'signIn' as const, outcome: 'done' as const, actor, object: objectOf(account) };
  const resource = ctx.oidc.params?.['resource'];
  const detail = { by: 'client credentials', ...(typeof resource === 'string' && { resource }) };
  await inTransaction(pool, (client) => appendFor(client, account.tenantId, [{ ...entry, detail }]));
  return account;
}
