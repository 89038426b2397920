import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { ConfigSignature, GatewayConfig, ItemAck, SigningKey } from '@stoa/generated/schemas.ts';
import { validateGatewayConfig } from '@stoa/generated/validators.js';
import type { Validator } from '@stoa/generated/validators.js';
import type { StateName } from './types.ts';
import { assembleState } from './verified-state.ts';
import type { VerifiedState } from './verified-state.ts';
import { holdWhole } from './whole-form.ts';

/** What is wrong with a document. `known` is what could be read of it: enough to say so to the Control Plane. */
export type Fault = {
  fault: string;
  phase: NonNullable<ItemAck['phase']>;
  known: { generation: number; hash: string; itemIds: readonly string[] } | undefined;
};
export type Verification = { state: VerifiedState } | Fault;

/**
 * Reads a whole desired state and answers it only when it has the contract's shape, is meant for this gateway, has the content that its hash
 * names and carries the signature of a trusted key. Items that are those of `before` are shared with it. No network, no disk, no throw.
 */
export function verifyConfig(text: string, gatewayId: string, trustedKeys: readonly SigningKey[], before?: VerifiedState): Verification {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return { fault: 'the document is not JSON', phase: 'fetch', known: undefined };
  }
  const known = recognize(document);
  if (!isConfig(document)) return { fault: shapeFault(validateGatewayConfig), phase: 'validate', known };
  if (document.gateway_id !== gatewayId) return { fault: `the document is for the gateway ${document.gateway_id}`, phase: 'validate', known };
  const { hash, ...taken } = holdWhole(document.items, before?.held ?? []);
  const fault = hash === document.hash ? signatureFault(document, trustedKeys) : 'the content does not have the hash that the document states';
  if (fault !== undefined) return { fault, phase: 'validate', known };
  return {
    state: assembleState({ ...document, held: taken.held, whole: { named: taken.named, consumerOf: taken.consumerOf, signed: document } }, before),
  };
}

/** Everything but what the items hold. */
function isConfig(document: unknown): document is GatewayConfig {
  const { items } = (document ?? {}) as { items?: unknown };
  const asIfEmpty = Array.isArray(items) && items.length <= maxItems ? { ...(document as object), items: [] } : document;
  return validateGatewayConfig(asIfEmpty);
}

/** What the contract allows; beyond it the validator says the fault. */
const maxItems = 50_000;

/** What the validator said last. */
export function shapeFault({ errors }: Pick<Validator<unknown>, 'errors'>): string {
  const [first] = errors ?? [];
  return `the document${first?.instancePath ? ` at ${first.instancePath}` : ''} ${first?.message ?? 'is invalid'}`;
}

/** Why a state is not to be trusted; undefined when it carries the signature of a trusted key. */
export function signatureFault(state: StateName & { signature: ConfigSignature }, trustedKeys: readonly SigningKey[]): string | undefined {
  const key = trustedKeys.find(({ key_id }) => key_id === state.signature.key_id);
  if (key === undefined) return `the document is signed with the key "${state.signature.key_id}", which this instance does not trust`;
  return isSignedBy(key, state) ? undefined : 'the signature is wrong';
}

/** The signature covers gateway, generation and hash, so that an old document, or another gateway's, cannot be replayed as new. */
function isSignedBy(key: SigningKey, { gateway_id, generation, hash, signature }: StateName & { signature: ConfigSignature }): boolean {
  try {
    const publicKey = publicKeyOf(key);
    if (publicKey.asymmetricKeyType !== 'ed25519') return false;
    const signed = Buffer.from([gateway_id, generation, hash].join('\n'));
    return verify(null, signed, publicKey, Buffer.from(signature.value, 'base64url'));
  } catch {
    return false;
  }
}

/** Keys by how they are written. There are a few, and each signature is checked with one of them. */
const publicKeys = new Map<string, KeyObject>();
const maxPublicKeys = 16;

function publicKeyOf({ public_key: text }: SigningKey): KeyObject {
  let key = publicKeys.get(text);
  if (key === undefined) {
    key = createPublicKey({ key: Buffer.from(text, 'base64url'), format: 'der', type: 'spki' });
    if (publicKeys.size >= maxPublicKeys) publicKeys.clear();
    publicKeys.set(text, key);
  }
  return key;
}

function recognize(document: unknown): { generation: number; hash: string; itemIds: string[] } | undefined {
  const { generation, hash, items } = (typeof document === 'object' && document !== null ? document : {}) as Record<string, unknown>;
  if (!Number.isSafeInteger(generation) || typeof hash !== 'string' || hash.length > 128) return undefined;
  const ids = (Array.isArray(items) ? items.slice(0, 50_000) : []).map((item: unknown) => (item as { id?: unknown } | null)?.id);
  const itemIds = ids.filter((id): id is string => typeof id === 'string' && id.length <= 128);
  return { generation: Math.max(0, generation as number), hash, itemIds };
}
