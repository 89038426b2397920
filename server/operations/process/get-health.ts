import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { RequestContext } from '../../context.ts';

export const getHealth: Handler<operations['getHealth'], RequestContext> = async () => ({ status: 200, body: { status: 'ok' } });
