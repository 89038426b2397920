import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { mintCredential } from '../../access/credentials.ts';
import { endOf, ofPerson, requireFewTokens, scopesFor, toPersonalToken } from '../../access/personal-tokens.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { conflict } from '../../errors.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { requireRoom } from '../../tenants/limits.ts';

export const createPersonalToken: Handler<operations['createPersonalToken'], RequestContext> = async ({ body }, context) => {
  const by = requireOperator(context);
  // It alone says who is a person still, and a token has nothing to ask it with.
  if (context.external !== undefined)
    throw conflict('Another issuer vouches for people here: use its access tokens, or have an operator token minted.', 'external_issuer');
  const scopes = scopesFor(body, by);
  const { secret, hint } = mintCredential('personalToken');
  const maker = makerOf(by);
  const token = await inTenant(context, async (tx) => {
    await requireRoom(tx, by.tenantId, 'tokens');
    await requireFewTokens(tx, by);
    const created = await tx.operator_token.create({
      data: {
        ...ofPerson(by),
        name: body.name,
        roles: [...by.roles],
        scopes,
        hint,
        hmac: new Uint8Array(context.keys.hmac(secret)),
        expires_at: await endOf(tx, body),
        created_by: maker,
        updated_by: maker,
      },
    });
    await record(tx, context, { object: { kind: 'operator_token', id: created.id, name: created.name }, after: toPersonalToken(created) });
    return created;
  });
  return { status: 201, body: { token: toPersonalToken(token), secret } };
};
