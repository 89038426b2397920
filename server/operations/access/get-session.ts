import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Role } from '@stoa/generated/schemas.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { optionalTimestamp, present } from '../wire.ts';

export const getSession: Handler<operations['getSession'], RequestContext> = async (_input, context) => {
  const { roles, name, expiresAt } = requireOperator(context);
  const role = roles.includes('owner') || roles.includes('admin') ? 'admin' : 'viewer';
  return { status: 200, body: { role, roles: roles as Role[], name, ...present({ expires_at: optionalTimestamp(expiresAt) }) } };
};
