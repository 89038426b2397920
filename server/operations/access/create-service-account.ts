import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { mintCredential } from '../../access/credentials.ts';
import { expiryOf } from '../../access/expiry.ts';
import { grantFor } from '../../access/grant.ts';
import { hintOfKeys, publicKeysOf } from '../../access/public-keys.ts';
import { requireFreeAccountName, serviceAccountKind, toServiceAccount } from '../../access/service-account-rows.ts';
import { personOf } from '../../approvals/second-person.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { conflict } from '../../errors.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { requireRoom } from '../../tenants/limits.ts';

export const createServiceAccount: Handler<operations['createServiceAccount'], RequestContext> = async ({ body }, context) => {
  const by = requireOperator(context);
  if (context.external !== undefined)
    throw conflict(
      'Service accounts are clients of the embedded issuer, and another one is in force: make a client there, or mint an operator token.',
      'external_issuer',
    );
  const grant = grantFor(body, by);
  const { secret, hint } = mintCredential('clientSecret');
  // Where there are keys, nobody is told the secret: there is none.
  const keys = body.public_keys && (await publicKeysOf(body.public_keys));
  const maker = makerOf(by);
  const account = await inTenant(context, async (tx) => {
    await requireRoom(tx, by.tenantId, 'service_accounts');
    await requireFreeAccountName(tx, by.tenantId, body.name);
    const created = await tx.operator_token.create({
      data: {
        tenant_id: by.tenantId,
        kind: serviceAccountKind,
        name: body.name,
        account_name: body.name,
        description: body.description ?? null,
        ...grant,
        exchange_resources: body.exchange_resources ?? [],
        minted_by: by.issuerId,
        minted_by_user: personOf(by) ?? null,
        hint: keys === undefined ? hint : hintOfKeys(keys),
        ...(keys !== undefined && { public_keys: keys }),
        hmac: new Uint8Array(context.keys.hmac(secret)),
        expires_at: expiryOf(body),
        created_by: maker,
        updated_by: maker,
      },
    });
    await record(tx, context, { object: { kind: 'service_account', id: created.id, name: created.name }, after: toServiceAccount(created) });
    return created;
  });
  return { status: 201, body: { service_account: toServiceAccount(account), ...(keys === undefined && { client_secret: secret }) } };
};
