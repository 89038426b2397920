import type { GatewayConfig } from '@stoa/generated/schemas.ts';
import { assembleState, desiredState } from '../verified-state.ts';
import type { VerifiedState } from '../verified-state.ts';
import { holdWhole } from '../whole-form.ts';
import type { DesiredState } from '../types.ts';
import { gatewayId } from './fake-control-plane.ts';

/** Desired states one after the other, as a runtime is given them that takes each; `keys` of a consumer become items of their own. */
export function createDesiredStates(): (config: Pick<GatewayConfig, 'generation' | 'hash' | 'items'>) => DesiredState {
  let before: VerifiedState | undefined;
  return ({ items, generation, hash }) => {
    const { held } = holdWhole(items, before?.held ?? []);
    const signature = { key_id: 'test', algorithm: 'ed25519', value: '' } as const;
    const state = assembleState({ gateway_id: gatewayId, generation, hash, signature, held }, before);
    const desired = desiredState(state, before);
    before = state;
    return desired;
  };
}
