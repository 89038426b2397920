import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { operator_token, Prisma } from '@stoa/generated/prisma/client.ts';
import type { JWK } from 'jose';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { expiryOf } from '../../access/expiry.ts';
import { grantFor } from '../../access/grant.ts';
import { hintOfKeys, publicKeysOf } from '../../access/public-keys.ts';
import { announceRevocation } from '../../access/revocations.ts';
import {
  editableOf,
  keysOf,
  lockServiceAccount,
  requireFreeAccountName,
  requireNoLess,
  toServiceAccount,
} from '../../access/service-account-rows.ts';
import { overlapOf } from '../../access/rotation.ts';
import type { OperatorPrincipal } from '../../access/principal.ts';
import { personOf } from '../../approvals/second-person.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { entityTag, requireMatch } from '../entity-tag.ts';
import { present } from '../wire.ts';

export const editServiceAccount: Handler<operations['editServiceAccount'], RequestContext> = async ({ path, headers, body }, context) => {
  const by = requireOperator(context);
  const { name, description, roles, scopes, expires_at, exchange_resources } = body;
  const keys = body.public_keys && (await publicKeysOf(body.public_keys));
  const account = await inTenant(context, async (tx) => {
    const current = await lockServiceAccount(tx, by.tenantId, path.service_account_id);
    const before = toServiceAccount(current);
    requireMatch(headers, editableOf(before));
    requireNoLess(current, by);
    if (name !== undefined && name !== current.name) await requireFreeAccountName(tx, by.tenantId, name);
    const kept = current.scopes.includes('*') ? undefined : current.scopes;
    const asked = { roles: roles ?? before.roles, scopes: scopes === undefined ? kept : (scopes ?? undefined) };
    const grant = grantFor(present(asked), by);
    const data = {
      ...grant,
      ...present({ name, account_name: name, exchange_resources }),
      ...(description !== undefined && { description }),
      ...(expires_at !== undefined && { expires_at: expires_at === null ? null : expiryOf({ expires_at }) }),
      ...(keys !== undefined && (await newKeys(tx, keys, by))),
      updated_by: makerOf(by),
    };
    // Whoever has what is good no more may have tokens, too.
    if (keys !== undefined && isTakenAway(current, keys)) await tx.oidc_payload.deleteMany({ where: { token_id: current.id } });
    const after = toServiceAccount(await tx.operator_token.update({ where: { id: current.id }, data }));
    await record(tx, context, { object: { kind: 'service_account', id: current.id, name: after.name }, before, after });
    return after;
  });
  await announceRevocation(context);
  return { status: 200, body: account, headers: entityTag(editableOf(account)) };
};

/** Keys in place of what it signed in with. Whoever sends them may hold their private halves. */
const newKeys = async (tx: Prisma.TransactionClient, keys: readonly JWK[], by: OperatorPrincipal) => ({
  public_keys: keys as Prisma.InputJsonValue,
  hint: hintOfKeys(keys),
  previous_hmac: null,
  previous_until: null,
  secret_changed_at: (await overlapOf(tx, {})).now,
  minted_by: by.issuerId,
  minted_by_user: personOf(by) ?? null,
});

const isTakenAway = (before: operator_token, keys: readonly JWK[]): boolean =>
  (keysOf(before) ?? [{ kid: undefined }]).some(({ kid }) => !keys.some((key) => key.kid === kid));
