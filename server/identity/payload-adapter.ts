import { errors } from 'oidc-provider';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Pool, PoolClient } from 'pg';
import type { KeyMaterial } from '../access/master-key.ts';
import { accessChannel } from '../access/access-channel.ts';

/**
 * For how long a refresh token that was redeemed may be redeemed again: clients refresh once for each of their parallel calls, and without a grace the
 * second of them would end the grant and sign its person out.
 */
export const refreshGraceS = 10;
/** A client that registered itself and that nobody has let in within a day is forgotten. */
const unusedClientS = 24 * 60 * 60;
const defaultS = 24 * 60 * 60;

type Row = { payload: Uint8Array; consumed: number | null };

/**
 * Keeps what the issuer makes, of one model, in PostgreSQL. Ids are kept as HMACs and payloads sealed: who reads the database holds no code, no token
 * and no client's secret.
 */
export class PayloadAdapter implements Adapter {
  readonly #model: string;
  readonly #pool: Pool;
  readonly #keys: KeyMaterial;

  constructor(model: string, { pool, keys }: { pool: Pool; keys: KeyMaterial }) {
    this.#model = model;
    this.#pool = pool;
    this.#keys = keys;
  }

  /** Leaves alone whether the row was consumed: models are saved again after that, too. */
  async upsert(id: string, payload: AdapterPayload, expiresInS?: number): Promise<void> {
    const name = this.#name(id);
    // Of an access token, and of a grant that is for one tenant.
    const tenant = (payload.extra as { tenant?: string } | undefined)?.tenant ?? (payload['tenant'] as string | undefined);
    await this.#pool.query(
      `INSERT INTO oidc_payload (model, id, payload, grant_id, user_code, uid, user_id, tenant_id, token_id, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + make_interval(secs => $10))
       ON CONFLICT (model, id) DO UPDATE SET payload = EXCLUDED.payload, grant_id = EXCLUDED.grant_id, user_code = EXCLUDED.user_code, uid = EXCLUDED.uid,
         user_id = EXCLUDED.user_id, tenant_id = EXCLUDED.tenant_id, token_id = EXCLUDED.token_id, expires_at = EXCLUDED.expires_at`,
      [
        this.#model,
        name,
        await this.#keys.seal(JSON.stringify(payload), contextOf(this.#model, name)),
        this.#name(payload.grantId),
        this.#name(payload.userCode),
        this.#name(payload.uid),
        payload.accountId ?? null,
        tenant ?? null,
        this.#model === 'ClientCredentials' ? payload.clientId : null,
        expiresInS ?? (this.#model === 'Client' ? unusedClientS : defaultS),
      ],
    );
    if (this.#model === 'Grant') await this.#keepClient(payload.clientId, expiresInS ?? defaultS);
  }

  find(id: string): Promise<AdapterPayload | undefined> {
    return this.#findBy('id', id);
  }

  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#findBy('uid', uid);
  }

  findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#findBy('user_code', userCode);
  }

  /**
   * Of two that redeem a code at the same time exactly one comes through: one conditional statement, and no row means that another was faster.
   * @throws errors.InvalidGrant when it was consumed before, a refresh token longer ago than the grace
   */
  async consume(id: string): Promise<void> {
    const { rowCount } = await this.#pool.query(
      `UPDATE oidc_payload SET consumed_at = COALESCE(consumed_at, now())
       WHERE model = $1 AND id = $2 AND (consumed_at IS NULL OR consumed_at > now() - make_interval(secs => $3))`,
      [this.#model, this.#name(id), this.#graceS],
    );
    if (rowCount !== 1) throw new errors.InvalidGrant('it was redeemed already');
  }

  /** What was taken back is forgotten by every replica at once. */
  async destroy(id: string): Promise<void> {
    await this.#pool.query('DELETE FROM oidc_payload WHERE model = $1 AND id = $2', [this.#model, this.#name(id)]);
    if (this.#model === 'Grant' || this.#model === 'AccessToken') await this.#pool.query('SELECT pg_notify($1, $2)', [accessChannel, 'revoked']);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.#pool.query('DELETE FROM oidc_payload WHERE model = $1 AND grant_id = $2', [this.#model, this.#name(grantId)]);
  }

  get #graceS(): number {
    return this.#model === 'RefreshToken' ? refreshGraceS : 0;
  }

  async #findBy(column: 'id' | 'uid' | 'user_code', value: string): Promise<AdapterPayload | undefined> {
    const { rows } = await this.#pool.query<Row & { id: Uint8Array }>(
      `SELECT id, payload, CASE WHEN consumed_at <= now() - make_interval(secs => $3) THEN EXTRACT(EPOCH FROM consumed_at)::int END AS consumed
       FROM oidc_payload WHERE model = $1 AND ${column} = $2 AND expires_at > now()`,
      [this.#model, this.#name(value), this.#graceS],
    );
    const [row] = rows;
    if (!row) return undefined;
    const payload = await openPayload(this.#keys, this.#model, row.id, row.payload);
    return row.consumed === null ? payload : { ...payload, consumed: row.consumed };
  }

  /** A client that registered itself stays for as long as somebody has let it in. */
  async #keepClient(clientId: string | undefined, forS: number): Promise<void> {
    await this.#pool.query(
      `UPDATE oidc_payload SET expires_at = GREATEST(expires_at, now() + make_interval(secs => $2)) WHERE model = 'Client' AND id = $1`,
      [this.#name(clientId), forS],
    );
  }

  #name(id: string): Buffer;
  #name(id: string | undefined): Buffer | null;
  #name(id: string | undefined): Buffer | null {
    return id === undefined ? null : payloadName(this.#keys, id);
  }
}

/** The name under which the issuer's ids are kept. */
export const payloadName = (keys: KeyMaterial, id: string): Buffer => keys.hmac(`oidc:${id}`);

/** Keeps that something with this id was seen, for a while. False when it was seen before: of two at the same time one is the first. */
export async function seenFirst(db: Pick<Pool | PoolClient, 'query'>, keys: KeyMaterial, model: string, id: string, forS: number): Promise<boolean> {
  const name = payloadName(keys, id);
  const { rowCount } = await db.query(
    'INSERT INTO oidc_payload (model, id, payload, expires_at) VALUES ($1, $2, $3, now() + make_interval(secs => $4)) ON CONFLICT DO NOTHING',
    [model, name, await keys.seal('{}', contextOf(model, name)), forS],
  );
  return rowCount === 1;
}

/** What a row stands for. */
export const openPayload = async (keys: KeyMaterial, model: string, name: Uint8Array, sealed: Uint8Array): Promise<AdapterPayload> =>
  JSON.parse(await keys.open(sealed, contextOf(model, name))) as AdapterPayload;

const contextOf = (model: string, name: Uint8Array): string => `oidc:${model}:${Buffer.from(name).toString('base64')}`;
