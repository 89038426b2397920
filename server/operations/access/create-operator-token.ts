import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { mintCredential } from '../../access/credentials.ts';
import { expiryOf } from '../../access/expiry.ts';
import { grantFor } from '../../access/grant.ts';
import { toOperatorToken } from '../../access/key-rows.ts';
import { personOf } from '../../approvals/second-person.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { requireRoom } from '../../tenants/limits.ts';

export const createOperatorToken: Handler<operations['createOperatorToken'], RequestContext> = async ({ body }, context) => {
  const by = requireOperator(context);
  const grant = grantFor(body, by);
  const { secret, hint } = mintCredential('operatorToken');
  const maker = makerOf(by);
  const token = await inTenant(context, async (tx) => {
    await requireRoom(tx, by.tenantId, 'tokens');
    const created = await tx.operator_token.create({
      data: {
        tenant_id: by.tenantId,
        name: body.name,
        ...grant,
        minted_by: by.issuerId,
        minted_by_user: personOf(by) ?? null,
        hint,
        hmac: new Uint8Array(context.keys.hmac(secret)),
        expires_at: expiryOf(body),
        created_by: maker,
        updated_by: maker,
      },
    });
    await record(tx, context, { object: { kind: 'operator_token', id: created.id, name: created.name }, after: toOperatorToken(created) });
    return created;
  });
  return { status: 201, body: { token: toOperatorToken(token), secret } };
};
