import { controlPlanePeer } from '@stoa/control-plane-client/peer.ts';
import { directoryPeer } from '@stoa/lib/check.ts';
import type { Peer } from '@stoa/lib/check.ts';
import { createAdapter } from './vendors/table.ts';
import type { ConnectSettings } from './config.ts';

/** What Connect needs from outside. */
export function connectPeers(settings: ConnectSettings): readonly Peer[] {
  return [controlPlanePeer(settings), directoryPeer('State directory', settings.stateDir), targetPeer(settings)];
}

/** The third-party gateway, as `check` and whoever enrols a machine ask for it. */
export function targetPeer(settings: ConnectSettings): Peer {
  return {
    name: `Admin API of ${settings.targetGatewayType}`,
    where: settings.targetGatewayUrl,
    async reach(signal) {
      const adapter = await createAdapter(settings);
      try {
        const { type, version } = await adapter.reach(signal);
        const advice = await adapter.advise?.(signal);
        return `it answers, as ${[type, version].join(' ').trim()}${advice === undefined ? '' : `. ${advice}`}`;
      } finally {
        adapter.close();
      }
    },
  };
}
