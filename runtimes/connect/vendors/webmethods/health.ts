import { AdminError } from '../../engine/admin-error.ts';
import type { GatewayHealth } from '../../engine/health.ts';
import type { WebmethodsAdmin } from './admin.ts';

/** How a webMethods API Gateway is: the light that it shows of its engine, of which yellow still serves. From documents, as the rest of this adapter. */
export async function webmethodsHealth(admin: Pick<WebmethodsAdmin, 'call'>, signal: AbortSignal): Promise<GatewayHealth> {
  try {
    const { status } = await admin.call('GET', '/health/engine', undefined, signal);
    if (typeof status !== 'string') return {};
    return status === 'red' ? { ready: false, reason: 'webMethods says that its engine is red.' } : { ready: true };
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    // How a red engine is told, the documents leave open: as an answer, or as a fault of the server.
    if (error.code === 'unavailable') return { ready: false, reason: error.message };
    if (error.isRefusal || error.code === 'unauthorized') return {};
    throw error;
  }
}
