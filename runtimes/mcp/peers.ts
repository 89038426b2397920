import { randomUUID } from 'node:crypto';
import { controlPlanePeer } from '@stoa/control-plane-client/peer.ts';
import { directoryPeer } from '@stoa/lib/check.ts';
import type { Peer } from '@stoa/lib/check.ts';
import { RedisStore } from './decide/replicas/redis-store.ts';
import { redisPlaceOf } from './decide/replicas/redis-url.ts';
import type { RuntimeSettings } from './settings.ts';

/** What a Gateway or a Link needs from outside. Upstreams are not among it: which there are, only the Control Plane knows. */
export function runtimePeers(settings: RuntimeSettings): readonly Peer[] {
  return [controlPlanePeer(settings), directoryPeer('State directory', settings.stateDir), ...redisPeers(settings)];
}

/** The first connection of a program that has just begun takes longer than those that follow. */
const firstAnswerMs = 5_000;

/** Where limits are counted with replicas. A password in its URL is not shown. */
function redisPeers({ redisUrl, redisPassword: password, redisPrefix: prefix, redisTimeout: timeoutMs }: RuntimeSettings): readonly Peer[] {
  const place = redisUrl === undefined ? undefined : redisPlaceOf(redisUrl);
  if (place === undefined || 'fault' in place) return [];
  return [
    {
      name: 'Redis',
      where: place.nodes.map(({ host, port }) => `${host}:${port}`).join(),
      async reach() {
        const store = new RedisStore({ place, password, timeoutMs: Math.max(timeoutMs, firstAnswerMs), prefix, group: 'check' });
        try {
          await store.beat(true);
          await store.claimProof(randomUUID(), 'check', 1);
          return 'it answers, and counts';
        } catch (error) {
          const remedy = 'correct STOA_REDIS_URL, STOA_REDIS_PASSWORD or what its user may do';
          throw new Error(`cannot be asked (${(error as Error).message}): ${remedy}`, { cause: error });
        } finally {
          store.close();
        }
      },
    },
  ];
}
