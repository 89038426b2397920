import { isRecord } from '../../engine/compare.ts';
import type { GatewayHealth } from '../../engine/health.ts';
import type { GraviteeAdmin } from './admin.ts';

/** How a Gravitee is: whether a gateway of its environment runs. The Management API knows neither their certificates nor, without analytics, what they answered. */
export async function graviteeHealth(admin: Pick<GraviteeAdmin, 'callV1'>, signal: AbortSignal): Promise<GatewayHealth> {
  const { content } = await admin.callV1('GET', '/instances/', { signal });
  const gateways = Array.isArray(content) ? content.filter(isRecord) : [];
  if (gateways.some(({ state }) => state === 'STARTED')) return { ready: true };
  const states = [...new Set(gateways.map(({ state }) => String(state)))].join(', ');
  return {
    ready: false,
    reason: gateways.length === 0 ? 'No gateway is connected to this Gravitee.' : `None of the gateways of this Gravitee has started: ${states}.`,
  };
}
