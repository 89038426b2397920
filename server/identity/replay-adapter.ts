import { errors } from 'oidc-provider';
import type { AdapterPayload } from 'oidc-provider';
import type { Pool } from 'pg';
import type { KeyMaterial } from '../access/master-key.ts';
import { PayloadAdapter, seenFirst } from './payload-adapter.ts';

const model = 'ReplayDetection';

/** Which assertions were used. The issuer looks, and notes one afterwards: of two that came at the same time both would have been the first. */
export class ReplayAdapter extends PayloadAdapter {
  readonly #parts: { pool: Pool; keys: KeyMaterial };

  constructor(parts: { pool: Pool; keys: KeyMaterial }) {
    super(model, parts);
    this.#parts = parts;
  }

  /** @throws errors.InvalidClientAuth when it was used before */
  override async upsert(id: string, _payload: AdapterPayload, expiresInS = 60): Promise<void> {
    const { pool, keys } = this.#parts;
    if (!(await seenFirst(pool, keys, model, id, expiresInS))) throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
  }
}
