import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import controlPlaneDocument from '@stoa/generated/control-plane.openapi.json' with { type: 'json' };
import { version } from '@stoa/lib/version.ts';
import type { RequestContext } from '../../context.ts';

export const getVersion: Handler<operations['getVersion'], RequestContext> = async () => ({
  status: 200,
  body: { product: 'STOA Control Plane', version, contract_revision: controlPlaneDocument.info['x-stoa-revision'] },
});
