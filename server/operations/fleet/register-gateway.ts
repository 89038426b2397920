import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireGatewayKey } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { registerInstance } from '../../fleet/register-instance.ts';

export const registerGateway: Handler<operations['registerGateway'], RequestContext> = async ({ body }, context) => ({
  status: 200,
  body: await registerInstance(context, requireGatewayKey(context), body),
});
