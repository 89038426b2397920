import type { ConfigItem } from '@stoa/generated/schemas.ts';
import { createForwardClock } from '@stoa/lib/clock.ts';
import type { GatewayAdapter, ManagedObject } from '../engine/model.ts';
import { reconcile } from '../engine/reconcile.ts';
import type { Known, PassResult } from '../engine/reconcile.ts';
import { createRenderer } from '../engine/render.ts';
import { config, gatewayId } from '../testing/config.ts';

/** One Connect at work on a bench: it remembers what it applied, as one does over restarts. */
export type Connect = {
  pass(items: readonly ConfigItem[], options?: { shouldStop?: () => boolean; killed?: boolean; byDifference?: boolean }): Promise<PassResult>;
};

export function connectTo(adapter: GatewayAdapter, gateway = gatewayId): Connect {
  const render = createRenderer(adapter);
  const nowMs = createForwardClock();
  let lastApplied: readonly ManagedObject[] = [];
  let known: Known<unknown> | undefined;
  return {
    async pass(items, { shouldStop = () => false, killed = false, byDifference = false } = {}) {
      const result = await reconcile({
        adapter,
        render,
        config: { ...config([...items]), gateway_id: gateway },
        known: byDifference ? known : undefined,
        lastApplied,
        onObserved: () => undefined,
        shouldStop,
        signal: AbortSignal.timeout(30_000),
        nowMs: nowMs(),
      });
      // A process that was killed did not live to remember.
      known = killed ? undefined : result.known;
      if (!killed) lastApplied = result.applied;
      return result;
    },
  };
}
