import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { RequestContext } from '../../context.ts';

export const getControlPlaneMetrics: Handler<operations['getControlPlaneMetrics'], RequestContext> = async (_input, { metrics }) => ({
  status: 200,
  body: await metrics.text(),
  headers: { 'Content-Type': metrics.contentType, 'Cache-Control': 'no-store' },
});
