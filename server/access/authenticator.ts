import type { Pool } from 'pg';
import type { KeyMaterial } from './master-key.ts';
import type { GatewayKeyPrincipal, OperatorPrincipal, Principal } from './principal.ts';

type Verdict = { principal: Principal | undefined; untilMs: number };

// "A revoked key is refused everywhere within 5 s" holds even when a notification is lost.
const verdictTtlMs = 3_000;
const maxVerdicts = 100_000;
const touchEveryMs = 60_000;

/**
 * Turns a credential into a principal. Verdicts are remembered for three seconds, and forgotten at once when told that a
 * credential was revoked. A credential is looked up by its HMAC: equal time for known and unknown ones.
 */
export class Authenticator {
  readonly #pool: Pool;
  readonly #keys: KeyMaterial;
  readonly #verdicts = new Map<string, Verdict>();
  readonly #touched = new Map<string, number>();

  constructor(pool: Pool, keys: KeyMaterial) {
    this.#pool = pool;
    this.#keys = keys;
  }

  /** The principal if it is known by now: what the heartbeat lane asks first. */
  remembered(credential: string): Principal | undefined {
    const verdict = this.#verdicts.get(credential);
    return verdict && verdict.untilMs > Date.now() ? verdict.principal : undefined;
  }

  /** Undefined for a credential that is unknown, expired or revoked. Rejects when the database is away. */
  async authenticate(credential: string): Promise<Principal | undefined> {
    const remembered = this.#verdicts.get(credential);
    if (remembered && remembered.untilMs > Date.now()) return remembered.principal;
    const principal = credential.startsWith('stoa_gk_') ? await this.#findGatewayKey(credential) : await this.#findOperator(credential);
    if (this.#verdicts.size >= maxVerdicts) this.#verdicts.clear();
    this.#verdicts.set(credential, { principal, untilMs: Date.now() + verdictTtlMs });
    return principal;
  }

  forget(): void {
    this.#verdicts.clear();
  }

  async #findGatewayKey(credential: string): Promise<GatewayKeyPrincipal | undefined> {
    const { rows } = await this.#pool.query<{ id: string; tenant_id: string; environments: string[]; modes: string[]; instance_name: string | null }>({
      name: 'find-gateway-key',
      text: `SELECT id, tenant_id, environments, modes, instance_name FROM gateway_key
             WHERE hmac = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
      values: [this.#keys.hmac(credential)],
    });
    const [row] = rows;
    if (!row) return undefined;
    this.#touch(row.id);
    return { kind: 'gateway_key', tenantId: row.tenant_id, keyId: row.id, environments: row.environments, modes: row.modes, instanceName: row.instance_name ?? undefined };
  }

  async #findOperator(credential: string): Promise<OperatorPrincipal | undefined> {
    const { rows } = await this.#pool.query<{ id: string; tenant_id: string; name: string; role: 'admin' | 'viewer'; kind: string; expires_at: Date | null }>({
      name: 'find-operator',
      text: `SELECT id, tenant_id, name, role, kind, expires_at FROM operator_token
             WHERE hmac = $1 AND kind IN ('token', 'session') AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
      values: [this.#keys.hmac(credential)],
    });
    const [row] = rows;
    if (!row) return undefined;
    const via = row.kind === 'session' ? 'session' : 'bearer';
    return { kind: 'operator', tenantId: row.tenant_id, tokenId: row.id, name: row.name, role: row.role, via, expiresAt: row.expires_at ?? undefined };
  }

  /** Last use is for people to read: once a minute is enough, and a failure to note it harms nobody. */
  #touch(keyId: string): void {
    const now = Date.now();
    if ((this.#touched.get(keyId) ?? 0) + touchEveryMs > now) return;
    this.#touched.set(keyId, now);
    this.#pool.query('UPDATE gateway_key SET last_used_at = now() WHERE id = $1', [keyId]).catch(() => this.#touched.delete(keyId));
  }
}
