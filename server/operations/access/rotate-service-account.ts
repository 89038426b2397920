import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { mintCredential } from '../../access/credentials.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { overlapOf } from '../../access/rotation.ts';
import { keysOf, lockServiceAccount, requireNoLess, toServiceAccount } from '../../access/service-account-rows.ts';
import { personOf } from '../../approvals/second-person.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { conflict } from '../../errors.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const rotateServiceAccount: Handler<operations['rotateServiceAccount'], RequestContext> = async ({ path, body }, context) => {
  const by = requireOperator(context);
  const isAtOnce = body.overlap_s === 0;
  const { secret, hint } = mintCredential('clientSecret');
  const account = await inTenant(context, async (tx) => {
    const current = await lockServiceAccount(tx, by.tenantId, path.service_account_id);
    requireNoLess(current, by);
    if (keysOf(current) !== null)
      throw conflict(
        'This service account signs in by keys, and has no secret: send its next `public_keys` by PATCH, the one before beside it for as long as both shall be good.',
        'has_public_keys',
      );
    const { now, endsAt } = await overlapOf(tx, body);
    const rotated = await tx.operator_token.update({
      where: { id: current.id },
      data: {
        hint,
        hmac: new Uint8Array(context.keys.hmac(secret)),
        previous_hmac: isAtOnce ? null : current.hmac,
        previous_until: isAtOnce ? null : endsAt,
        secret_changed_at: now,
        minted_by: by.issuerId,
        minted_by_user: personOf(by) ?? null,
        updated_by: makerOf(by),
      },
    });
    // Whoever has the secret before may have tokens, too.
    if (isAtOnce) await tx.oidc_payload.deleteMany({ where: { token_id: current.id } });
    const states = { before: toServiceAccount(current), after: toServiceAccount(rotated) };
    await record(tx, context, { object: { kind: 'service_account', id: current.id, name: current.name }, ...states });
    return rotated;
  });
  if (isAtOnce) await announceRevocation(context);
  return { status: 201, body: { service_account: toServiceAccount(account), client_secret: secret } };
};
