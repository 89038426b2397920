import type { ConfigDifference, GatewayConfig } from '@stoa/generated/schemas.ts';
import type { ConfigSigner } from '../secrets/key-material.ts';
import { RawBody } from '../raw-body.ts';
import type { CurrentState } from './desired-states.ts';
import { storedGzip } from './stored-gzip.ts';

export type ConfigAnswer<T> = { body: T; headers: Record<string, string> };

/** Names the signature too: who learnt a new key is given what he has with the new signature. */
const entityTag = (generation: number, hash: string, { keyId }: ConfigSigner): string =>
  `"${generation}-${hash.slice('sha256:'.length, 'sha256:'.length + 16)}-${keyId.slice(0, 8)}"`;

/** The members that are a gateway's own. */
function signed(signing: ConfigSigner, gatewayId: string, generation: number, hash: string): Omit<GatewayConfig, 'items'> {
  const value = signing.sign(`${gatewayId}\n${generation}\n${hash}`);
  return { gateway_id: gatewayId, generation, hash, signature: { key_id: signing.keyId, algorithm: 'ed25519', value } };
}

/** The form for runtimes that send no `base`: one document with everything in it. */
export class WholeAnswer {
  readonly etag: string;
  readonly hash: string;
  readonly current: CurrentState;
  readonly #pieces: readonly Buffer[];
  readonly #signer: ConfigSigner;

  constructor(current: CurrentState, signer: ConfigSigner) {
    this.#signer = signer;
    const { hash, pieces } = current.tenant.wholeOf(current.state);
    this.etag = entityTag(current.generation, hash, signer);
    this.hash = hash;
    this.current = current;
    this.#pieces = pieces;
  }

  answer(gatewayId: string): ConfigAnswer<GatewayConfig> {
    const head = JSON.stringify(signed(this.#signer, gatewayId, this.current.generation, this.hash));
    // It is typed as what its text says.
    const body = new RawBody([`${head.slice(0, -1)},"items":`, ...this.#pieces, '}']) as unknown as GatewayConfig;
    return { body, headers: { ETag: this.etag } };
  }
}

/** The form for runtimes that say what they hold: a manifest and the items that differ, a line each. */
export class DifferenceAnswer {
  readonly etag: string;
  readonly #current: CurrentState;
  readonly #base: string;
  readonly #signer: ConfigSigner;

  constructor(current: CurrentState, signer: ConfigSigner, base: string) {
    this.etag = entityTag(current.generation, current.content.hash, signer);
    this.#signer = signer;
    this.#current = current;
    this.#base = base;
  }

  async answer(gatewayId: string, acceptsGzip: boolean): Promise<ConfigAnswer<ConfigDifference>> {
    const { tenant, content, generation } = this.#current;
    const difference = tenant.differences.between(this.#base, content);
    const head = JSON.stringify(signed(this.#signer, gatewayId, generation, content.hash)).slice(0, -1);
    const isCompressed = acceptsGzip && difference.isWorthCompressing;
    const pieces = isCompressed ? [storedGzip(head), await difference.compressed] : [head, ...difference.pieces];
    const headers = { ETag: this.etag, Vary: 'Accept-Encoding', ...(isCompressed ? { 'Content-Encoding': 'gzip' } : {}) };
    return { body: new RawBody(pieces, 'application/jsonl') as unknown as ConfigDifference, headers };
  }
}
