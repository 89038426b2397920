import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { sessionRights } from '../../access/session-rights.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { optionalTimestamp, present } from '../wire.ts';

export const getSession: Handler<operations['getSession'], RequestContext> = async (_input, context) => {
  const principal = requireOperator(context);
  const { name, expiresAt } = principal;
  return { status: 200, body: { ...sessionRights(principal), name, ...present({ expires_at: optionalTimestamp(expiresAt) }) } };
};
