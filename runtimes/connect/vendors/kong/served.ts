import { setTimeout as sleep } from 'node:timers/promises';
import { AdminError } from '../../engine/admin-error.ts';
import { createAdminHttp } from '../../engine/admin-http.ts';
import type { AdapterOptions, Finding, GatewayAdapter, ManagedObject } from '../../engine/model.ts';
import type { KongObserved } from './fetch.ts';
import { generationIn, markerPath } from './marker.ts';

export type ServedOptions = Pick<AdapterOptions, 'proxies'> & {
  /** Address of Kong's proxy. */
  readonly proxyUrl: string;
  /** How often it is asked before it counts as not served, and how long is waited between. */
  readonly tries?: number;
  readonly everyMs?: number;
};
type Probe = NonNullable<GatewayAdapter<KongObserved>['probe']>;
type Answer = { readonly as: 'served' } | { readonly as: 'late' | 'unknown'; readonly reason: string };

/** Kong's nodes look for changes every 5 s, and its workers every 5 s: what was written is served by then. */
const usual = { tries: 48, everyMs: 250 };

/**
 * Asks Kong's proxy whether it serves what was applied. Each worker of it takes over by itself, and which of them answers a connection is chance: as many new connections in a row have to say so
 * as make it unlikely that one of them was never asked.
 */
export function kongProbe({ proxyUrl, proxies, tries = usual.tries, everyMs = usual.everyMs }: ServedOptions): { probe: Probe; close(): void } {
  const http = createAdminHttp({ api: "Kong's proxy", url: proxyUrl, ...(proxies && { proxies }), timeoutMs: 2000, maxBytes: 16_384 });
  /** Items that were written, and that nobody has seen served. */
  const unproven = new Set<string>();
  let proven: string | undefined;

  async function ask(gatewayId: string, generation: string, signal: AbortSignal): Promise<Answer> {
    const url = proxyUrl.replace(/\/+$/, '') + markerPath(gatewayId);
    try {
      const { status, text } = await http.send({ method: 'GET', url, signal, headers: { connection: 'close', accept: 'text/plain' } });
      if (status === 200 && text === generation) return { as: 'served' };
      const isOurs = status === 404 || (status === 200 && /^[0-9a-f]{32}$/.test(text)) || status === 503;
      if (isOurs)
        return { as: 'late', reason: `Kong's proxy does not serve it yet, ${Math.round((tries * everyMs) / 1000)} s after it was written.` };
      return { as: 'unknown', reason: `Kong's proxy answers ${status} where Kong says what it serves, so that nobody knows whether it is served.` };
    } catch (error) {
      if (!(error instanceof AdminError)) throw error;
      const reason = `Kong's proxy cannot be asked whether it is served (${error.code}): check STOA_KONG_PROXY_URL.`;
      return { as: 'unknown', reason };
    }
  }

  async function untilServed(gatewayId: string, generation: string, workers: number, signal: AbortSignal): Promise<Answer> {
    const needed = Math.min(16, 2 * workers + 2);
    let last: Answer = { as: 'served' };
    let inARow = 0;
    for (let tried = 0; tried < tries + needed && !signal.aborted; tried += 1) {
      last = await ask(gatewayId, generation, signal);
      inARow = last.as === 'served' ? inARow + 1 : 0;
      if (inARow === needed) return last;
      if (inARow === 0) await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    }
    return last.as === 'served' ? { as: 'late', reason: 'Some workers of Kong serve it, and others do not yet.' } : last;
  }

  return {
    async probe({ done, target, observed }, signal) {
      for (const { object } of done) for (const id of itemsOf(object)) unproven.add(id);
      const generation = generationIn(target);
      if (generation === undefined) unproven.clear();
      if (generation === undefined || (unproven.size === 0 && proven === generation)) return { rejections: [], warnings: [] };
      const answer = await untilServed(observed.gatewayId, generation, observed.node.workers, signal);
      if (answer.as === 'served') {
        unproven.clear();
        proven = generation;
        return { rejections: [], warnings: [] };
      }
      const ids = unproven.size > 0 ? [...unproven] : [...new Set(target.flatMap(itemsOf))];
      const findings = ids.map((itemId): Finding => ({ itemId, phase: 'verify', reason: answer.reason }));
      return answer.as === 'late' ? { rejections: findings, warnings: [] } : { rejections: [], warnings: findings };
    },
    close: http.close,
  };
}

const itemsOf = ({ owner, alsoFor }: ManagedObject): string[] => [owner, ...alsoFor].filter((id) => id !== '');
