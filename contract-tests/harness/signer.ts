import { generateKeyPairSync, sign } from 'node:crypto';
import type { ConfigItem, GatewayConfig, SigningKey } from '@stoa/generated/schemas.ts';
import { canonicalHash } from '@stoa/lib/canonical-json.ts';

export type Signer = {
  readonly key: SigningKey;
  sign(gatewayId: string, generation: number, items: ConfigItem[]): GatewayConfig;
};

/** A signing key of the harness's own. */
export function createSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key: SigningKey = {
    key_id: 'harness',
    algorithm: 'ed25519',
    public_key: publicKey.export({ format: 'der', type: 'spki' }).toString('base64url'),
  };
  return {
    key,
    sign(gatewayId, generation, items) {
      const hash = canonicalHash(items);
      const value = sign(null, Buffer.from(`${gatewayId}\n${generation}\n${hash}`), privateKey).toString('base64url');
      return { gateway_id: gatewayId, generation, hash, signature: { key_id: key.key_id, algorithm: 'ed25519', value }, items };
    },
  };
}
