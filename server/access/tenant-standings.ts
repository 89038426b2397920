import type { TenantLimits } from '@stoa/generated/schemas.ts';
import type { Pool } from 'pg';

/** What of a tenant decides whether its credentials are good, and what for. */
export type TenantStanding = { isSuspended: boolean; isPlatform: boolean; limits: TenantLimits };

const keptForMs = 1_500;
const maxKept = 10_000;

/** Looks tenants up for the credentials that are theirs: one question for all that are looked up within a second and a half. */
export class TenantStandings {
  readonly #pool: Pool;
  readonly #kept = new Map<string, { untilMs: number; standing: Promise<TenantStanding | undefined> }>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Undefined when there is no such tenant any more. */
  of(tenantId: string): Promise<TenantStanding | undefined> {
    const now = performance.now();
    const kept = this.#kept.get(tenantId);
    if (kept && kept.untilMs > now) return kept.standing;
    if (this.#kept.size >= maxKept) this.#kept.clear();
    const standing = this.#read(tenantId);
    this.#kept.set(tenantId, { untilMs: now + keptForMs, standing });
    // What failed is asked again by the next.
    standing.catch(() => this.#kept.delete(tenantId));
    return standing;
  }

  forget(): void {
    this.#kept.clear();
  }

  async #read(tenantId: string): Promise<TenantStanding | undefined> {
    const { rows } = await this.#pool.query<TenantStanding>({
      name: 'find-tenant-standing',
      text: `SELECT suspended_at IS NOT NULL AS "isSuspended", EXISTS (SELECT FROM platform p WHERE p.tenant_id = t.id) AS "isPlatform", limits FROM tenant t WHERE id = $1`,
      values: [tenantId],
    });
    return rows[0];
  }
}
