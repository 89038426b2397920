import type { TargetSelector } from '@stoa/generated/schemas.ts';
import { labelsText } from '../ground/labels.tsx';

const modeNames: Readonly<Record<string, string>> = { edge_mcp: 'Gateways', sidecar: 'Links', connect: 'Connects' };

/** Which gateways a selector chooses, in words. */
export function targetsText({ environments, modes, instance_names, labels }: TargetSelector): string {
  const parts = [
    modes?.map((mode) => modeNames[mode] ?? mode).join(', '),
    environments && `in ${environments.join(', ')}`,
    instance_names && `called ${instance_names.join(', ')}`,
    labels && Object.keys(labels).length > 0 && `with ${labelsText(labels)}`,
  ];
  const text = parts.filter((part) => Boolean(part)).join(' ');
  return modes === undefined ? `all gateways ${text}` : text;
}
