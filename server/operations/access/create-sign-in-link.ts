import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { record } from '../../audit/record.ts';
import { mintCredential } from '../../access/credentials.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { forbidden } from '../../errors.ts';
import { toTimestamp } from '../wire.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

const goodForMs = 10 * 60 * 1000;

export const createSignInLink: Handler<operations['createSignInLink'], RequestContext> = async (_input, context) => {
  const { tenantId, issuerId, userId, isMachine, roles, scopes, name } = requireOperator(context);
  if (userId !== undefined) throw forbidden('A sign-in link signs in as the token that asks for it. Sign in as yourself in the other browser.');
  if (isMachine === true) throw forbidden('A service account signs in by its secret, and has no use for a browser.');
  const { secret, hint } = mintCredential('signInCode');
  const expiresAt = new Date(Date.now() + goodForMs);
  await inTenant(context, async (tx) => {
    const { id } = await tx.operator_token.create({
      data: {
        tenant_id: tenantId,
        kind: 'link',
        issued_by: issuerId,
        name,
        roles: [...roles],
        scopes: [...scopes],
        hint,
        hmac: new Uint8Array(context.keys.hmac(secret)),
        expires_at: expiresAt,
      },
      select: { id: true },
    });
    await record(tx, context, { object: { kind: 'sign_in_link', id, name }, after: { roles, scopes, expires_at: toTimestamp(expiresAt) } });
  });
  // The code stands in the fragment, which browsers send to no server and write to no log.
  return { status: 201, body: { url: `${context.publicUrl()}/sign-in#code=${secret}`, expires_at: expiresAt.toISOString() } };
};
