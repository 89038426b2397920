import { controlPlanePeer } from '@stoa/control-plane-client/peer.ts';
import { directoryPeer } from '@stoa/lib/check.ts';
import type { Peer } from '@stoa/lib/check.ts';
import type { RuntimeSettings } from './settings.ts';

/** What a Gateway or a Link needs from outside. Upstreams are not among it: which there are, only the Control Plane knows. */
export function runtimePeers(settings: RuntimeSettings): readonly Peer[] {
  return [controlPlanePeer(settings), directoryPeer('State directory', settings.stateDir)];
}
