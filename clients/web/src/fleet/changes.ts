import type { Gateway, GatewayModes } from '@stoa/generated/schemas.ts';
import { livenessText } from './liveness.ts';

const maxNamed = 3;

/** What changed between two reads, in one sentence or two, for those who hear the page instead of seeing it; empty when nothing did. */
export function describeChanges(before: GatewayModes, after: GatewayModes): string {
  const old = byId(before);
  const sentences: string[] = [];
  for (const [id, { instance_name, liveness }] of byId(after)) {
    const state = livenessText(liveness).label.toLowerCase();
    const previous = old.get(id);
    if (previous === undefined) sentences.push(`${instance_name} appeared, ${state}.`);
    else if (previous.liveness !== liveness) sentences.push(`${instance_name} is now ${state}.`);
  }
  if (sentences.length <= maxNamed) return sentences.join(' ');
  return `${sentences.slice(0, maxNamed).join(' ')} And ${sentences.length - maxNamed} more changes.`;
}

function byId({ modes }: GatewayModes): Map<string, Gateway> {
  return new Map(modes.flatMap(({ instances }) => instances).map((gateway) => [gateway.gateway_id, gateway]));
}
