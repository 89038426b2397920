import { isRecord } from '../../engine/compare.ts';
import { AdminError } from '../../engine/admin-error.ts';
import { answersIn, certificateIn } from '../../engine/health.ts';
import type { Answers, Certificate, GatewayHealth } from '../../engine/health.ts';
import type { CaddyAdmin } from './admin.ts';
import { listOf } from './document.ts';
import { serversOf } from './fetch.ts';

/**
 * How a Caddy is: whether it serves anything, the certificates that its configuration holds, and what it answered where `metrics` are on. Certificates that it gets
 * by itself it renews by itself, and its admin API gives none of them away.
 */
export async function caddyHealth(admin: Pick<CaddyAdmin, 'configuration' | 'metrics'>, signal: AbortSignal): Promise<GatewayHealth> {
  const [{ config }, metrics] = await Promise.all([admin.configuration(signal), countedBy(admin, signal)]);
  const whole = isRecord(config) ? config : {};
  const serves = Object.keys(serversOf(whole)).length > 0;
  return {
    ready: serves,
    ...(!serves && { reason: 'This Caddy has no server: its configuration is empty.' }),
    certificates: certificatesIn(whole),
    answers: answersOf(metrics),
  };
}

/** Handlers of one route count each request once more: the one that saw most saw each of them once. Caddy 2.6 does not count by status what its proxies got no answer for. */
function answersOf(metrics: string): Answers | undefined {
  const counter = 'caddy_http_request_duration_seconds_count';
  const handlers = new Set(
    [...metrics.matchAll(/^caddy_http_request_duration_seconds_count\{[^}\n]*handler="(\w+)"/gm)].map(([, handler]) => handler),
  );
  const each = [...handlers].flatMap((handler) => answersIn(metrics, counter, (labels) => labels['handler'] === handler) ?? []);
  return each.sort((a, b) => b.total - a.total)[0];
}

async function countedBy(admin: Pick<CaddyAdmin, 'metrics'>, signal: AbortSignal): Promise<string> {
  try {
    return await admin.metrics(signal);
  } catch (error) {
    // A build without metrics, or a proxy before the admin API that lets nobody there.
    if (error instanceof AdminError && error.status !== undefined) return '';
    throw error;
  }
}

function certificatesIn(config: Readonly<Record<string, unknown>>): Certificate[] {
  const apps = isRecord(config['apps']) ? config['apps'] : {};
  const tls = isRecord(apps['tls']) ? apps['tls'] : {};
  return listOf(tls['certificates'], 'load_pem').flatMap((one, index) => {
    if (!isRecord(one)) return [];
    const tags = Array.isArray(one['tags']) && one['tags'].length > 0 ? one['tags'].map(String).join(', ') : `${index + 1}`;
    return certificateIn(`certificate ${tags} in load_pem`, one['certificate']);
  });
}
