import type { RegisterRequest } from '@stoa/generated/schemas.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { VerifiedState } from './verified-state.ts';

/** Whose configuration it is. A state directory may be copied, or its instance be given another environment. */
export type Owner = Pick<RegisterRequest, 'instance_name' | 'environment' | 'gateway_mode'>;

/** One way in which a state is kept. */
export type KeptForm = {
  readonly path: string;
  /** Throws for a text that is not what this program wrote. */
  read(text: string, keys: Pick<SigningKeys, 'trusted'>): Promise<{ state: VerifiedState } | { fault: string }>;
};

/** Why what is kept is not this instance's. */
export function strangerOf(saved: Partial<Owner> | undefined, owner: Owner): string | undefined {
  const other = (['instance_name', 'environment', 'gateway_mode'] as const).find((name) => saved?.[name] !== owner[name]);
  return other && `it was given to an instance with the ${other} "${saved?.[other]}", and this one has "${owner[other]}"`;
}
