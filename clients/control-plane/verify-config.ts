import { createPublicKey, verify } from 'node:crypto';
import { canonicalHash } from '@stoa/lib/canonical-json.ts';
import type { GatewayConfig, ItemAck, SigningKey } from '@stoa/generated/schemas.ts';
import { validateGatewayConfig } from '@stoa/generated/validators.js';
import { readItems } from './read-items.ts';

/** A genuine desired state. `config` has the items that this version understands, `rejected` tells of the others. */
export type VerifiedConfig = {
  readonly config: GatewayConfig;
  readonly rejected: readonly ItemAck[];
  /** As it was signed, with every item: what is kept on disk. */
  readonly signed: GatewayConfig;
};

/** `known` is what could be read of a bad document: enough to say so to the Control Plane. */
export type Verification =
  | VerifiedConfig
  | { fault: string; phase: NonNullable<ItemAck['phase']>; known: { generation: number; hash: string; itemIds: string[] } | undefined };

/**
 * Reads a desired state and answers it only when it has the contract's shape, is meant for this gateway, has the content that its hash
 * names and carries the signature of a trusted key. Of its items those are answered that this version understands, see {@link readItems}.
 * No network, no disk, no throw.
 */
export function verifyConfig(text: string, gatewayId: string, trustedKeys: readonly SigningKey[]): Verification {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return { fault: 'the document is not JSON', phase: 'fetch', known: undefined };
  }
  const known = recognize(document);
  if (!isConfig(document)) return { fault: shapeFault(), phase: 'validate', known };
  const fault = findFault(document, gatewayId, trustedKeys);
  if (fault !== undefined) return { fault, phase: 'validate', known };
  const { understood, rejected } = readItems(document.items);
  return { config: { ...document, items: understood }, rejected, signed: document };
}

/** Everything but what the items hold. */
function isConfig(document: unknown): document is GatewayConfig {
  const { items } = (document ?? {}) as { items?: unknown };
  const asIfEmpty = Array.isArray(items) && items.length <= maxItems ? { ...(document as object), items: [] } : document;
  return validateGatewayConfig(asIfEmpty);
}

/** What the contract allows; beyond it the validator says the fault. */
const maxItems = 50_000;

function shapeFault(): string {
  const [first] = validateGatewayConfig.errors ?? [];
  return `the document${first?.instancePath ? ` at ${first.instancePath}` : ''} ${first?.message ?? 'is invalid'}`;
}

function findFault(config: GatewayConfig, gatewayId: string, trustedKeys: readonly SigningKey[]): string | undefined {
  if (config.gateway_id !== gatewayId) return `the document is for the gateway ${config.gateway_id}`;
  if (contentHash(config.items) !== config.hash) return 'the content does not have the hash that the document states';
  const key = trustedKeys.find(({ key_id }) => key_id === config.signature.key_id);
  if (key === undefined) return `the document is signed with the key "${config.signature.key_id}", which this instance does not trust`;
  return isSignedBy(key, config) ? undefined : 'the signature is wrong';
}

function contentHash(items: unknown): string | undefined {
  try {
    return canonicalHash(items);
  } catch {
    // Nested deeper than the stack: no document that a server wrote.
    return undefined;
  }
}

/** The signature covers gateway, generation and hash, so that an old document, or another gateway's, cannot be replayed as new. */
function isSignedBy(key: SigningKey, { gateway_id, generation, hash, signature }: GatewayConfig): boolean {
  try {
    const publicKey = createPublicKey({ key: Buffer.from(key.public_key, 'base64url'), format: 'der', type: 'spki' });
    if (publicKey.asymmetricKeyType !== 'ed25519') return false;
    const signed = Buffer.from([gateway_id, generation, hash].join('\n'));
    return verify(null, signed, publicKey, Buffer.from(signature.value, 'base64url'));
  } catch {
    return false;
  }
}

function recognize(document: unknown): { generation: number; hash: string; itemIds: string[] } | undefined {
  const { generation, hash, items } = (typeof document === 'object' && document !== null ? document : {}) as Record<string, unknown>;
  if (!Number.isSafeInteger(generation) || typeof hash !== 'string' || hash.length > 128) return undefined;
  const ids = (Array.isArray(items) ? items.slice(0, 50_000) : []).map((item: unknown) => (item as { id?: unknown } | null)?.id);
  const itemIds = ids.filter((id): id is string => typeof id === 'string' && id.length <= 128);
  return { generation: Math.max(0, generation as number), hash, itemIds };
}
