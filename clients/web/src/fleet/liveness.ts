import type { Liveness } from '@stoa/generated/schemas.ts';

type LivenessText = { label: string; meaning: string };

/** The six states in the order in which they are listed, each in words. */
export const livenessTexts: Readonly<Record<Liveness, LivenessText>> = {
  online: { label: 'Online', meaning: 'Its heartbeats arrive on time.' },
  late: { label: 'Late', meaning: 'A heartbeat is missing; its lease still holds.' },
  offline: { label: 'Offline', meaning: 'Its lease is over: no heartbeat for more than three intervals.' },
  conflict: { label: 'Conflict', meaning: 'Several processes fight for this name.' },
  left: { label: 'Left', meaning: 'It was stopped and deregistered.' },
  revoked: { label: 'Revoked', meaning: 'An operator has decommissioned it.' },
};

export const livenessKinds = Object.keys(livenessTexts) as Liveness[];

export function isLiveness(value: string): value is Liveness {
  return Object.hasOwn(livenessTexts, value);
}

/** A state in words. One that a newer server may send is shown as it is: an unknown word must not empty the page. */
export function livenessText(value: string): LivenessText {
  return isLiveness(value) ? livenessTexts[value] : { label: value, meaning: 'A state that this Console does not know.' };
}
