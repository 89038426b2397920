import { generateKeyPairSync, sign } from 'node:crypto';
import type { ConfigItem, ConfigSignature, GatewayConfig, SigningKey } from '@stoa/generated/schemas.ts';
import { canonicalHash } from '@stoa/lib/canonical-json.ts';

/** What a signature says: which state of which gateway. */
export type SignedName = { readonly gateway_id: string; readonly generation: number; readonly hash: string; readonly signature: ConfigSignature };
export type Signer = {
  readonly key: SigningKey;
  name(gatewayId: string, generation: number, hash: string): SignedName;
  sign(gatewayId: string, generation: number, items: ConfigItem[]): GatewayConfig;
};

/** A signing key of the harness's own. */
export function createSigner(name = 'harness'): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key: SigningKey = {
    key_id: name,
    algorithm: 'ed25519',
    public_key: publicKey.export({ format: 'der', type: 'spki' }).toString('base64url'),
  };
  const nameOf = (gateway_id: string, generation: number, hash: string): SignedName => {
    const value = sign(null, Buffer.from(`${gateway_id}\n${generation}\n${hash}`), privateKey).toString('base64url');
    return { gateway_id, generation, hash, signature: { key_id: key.key_id, algorithm: 'ed25519', value } };
  };
  return { key, name: nameOf, sign: (gatewayId, generation, items) => ({ ...nameOf(gatewayId, generation, canonicalHash(items)), items }) };
}
