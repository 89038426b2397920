import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';

export const getAuditKeys: Handler<operations['getAuditKeys'], RequestContext> = async (_input, context) => {
  requireOperator(context);
  const items = [...context.audit.keys.publicKeys].map(([key_id, public_key]) => ({ key_id, algorithm: 'ed25519' as const, public_key }));
  return { status: 200, body: { items } };
};
