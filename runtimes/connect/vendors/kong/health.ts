import { AdminError } from '../../engine/admin-error.ts';
import { isRecord } from '../../engine/compare.ts';
import { answersIn, certificateIn } from '../../engine/health.ts';
import type { Certificate, GatewayHealth } from '../../engine/health.ts';
import type { KongAdmin } from './admin.ts';

/** How a Kong is, by its Admin API: its database, its certificates, and what it answered where the plugin `prometheus` counts that. */
export async function kongHealth(admin: Pick<KongAdmin, 'read' | 'readText'>, signal: AbortSignal): Promise<GatewayHealth> {
  const [status, certificates, authorities, metrics] = await Promise.all([
    admin.read('/status', signal),
    whereItIs(admin.read(`/certificates?size=${pageSize}`, signal)),
    whereItIs(admin.read(`/ca_certificates?size=${pageSize}`, signal)),
    whereItIs(admin.readText('/metrics', signal)),
  ]);
  const database = isRecord(status) && isRecord(status['database']) ? status['database']['reachable'] : undefined;
  return {
    ...(typeof database === 'boolean' && { ready: database }),
    ...(database === false && { reason: 'Kong cannot reach its database.' }),
    ...((certificates ?? authorities) !== undefined && {
      certificates: [...certificatesIn(certificates, 'certificate'), ...certificatesIn(authorities, 'CA certificate')],
    }),
    answers: metrics === undefined ? undefined : answersIn(metrics, 'kong_http_requests_total'),
  };
}

/** One page: what is beyond goes unseen. */
const pageSize = 1000;

/** Some versions, and accounts with few rights, answer with a refusal to some of it. */
async function whereItIs<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof AdminError && error.status !== undefined) return undefined;
    throw error;
  }
}

/** Kong sends private keys along: nothing is kept but the names and the ends. */
function certificatesIn(page: unknown, kind: string): Certificate[] {
  const rows = isRecord(page) && Array.isArray(page['data']) ? page['data'].filter(isRecord) : [];
  return rows.flatMap((row) => {
    const names = Array.isArray(row['snis']) && row['snis'].length > 0 ? row['snis'].map(String).join(', ') : String(row['id']);
    return [row['cert'], row['cert_alt']].flatMap((pem) => certificateIn(`${kind} ${names}`, pem));
  });
}
