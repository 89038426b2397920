import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { optionalTimestamp, present } from '../wire.ts';

export const getSession: Handler<operations['getSession'], RequestContext> = async (_input, context) => {
  const { role, name, expiresAt } = requireOperator(context, 'read');
  return { status: 200, body: { role, name, ...present({ expires_at: optionalTimestamp(expiresAt) }) } };
};
