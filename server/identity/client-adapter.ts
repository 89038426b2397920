import type { AdapterPayload } from 'oidc-provider';
import type { Pool } from 'pg';
import type { KeyMaterial } from '../access/master-key.ts';
import { PayloadAdapter } from './payload-adapter.ts';
import { clientMetadataOf, findServiceAccount, isServiceAccountId } from './service-accounts.ts';

/** Clients that registered themselves are payloads of the issuer, and service accounts are rows of their tenants. */
export class ClientAdapter extends PayloadAdapter {
  readonly #store: Pool;

  constructor({ pool, keys }: { pool: Pool; keys: KeyMaterial }) {
    super('Client', { pool, keys });
    this.#store = pool;
  }

  override async find(id: string): Promise<AdapterPayload | undefined> {
    if (!isServiceAccountId(id)) return super.find(id);
    const account = await findServiceAccount(this.#store, id);
    return account && clientMetadataOf(account);
  }
}
