import type { Pool } from 'pg';
import type { Logger } from '@stoa/lib/log.ts';
import type { KeyMaterial } from '../secrets/key-material.ts';
import { loadAuditKeys } from './audit-keys.ts';
import type { AuditKeys } from './audit-keys.ts';
import { CountedRecords } from './counted.ts';
import { FirstUses } from './first-uses.ts';
import type { ForTenant } from './for-tenant.ts';

/** What of the audit lives as long as the process. What an operation does is recorded by `record`, in its own transaction. */
export type Audit = {
  readonly keys: AuditKeys;
  /** Refusals, and sign-ins that failed. */
  readonly counted: CountedRecords;
  /** Calls that runtimes refused, of which there may be many at all times: a record an hour. */
  readonly refusedCalls: CountedRecords;
  readonly firstUses: FirstUses;
  /** Writes what waits. */
  stop(): Promise<void>;
};

type Given = { pool: Pool; forTenant: ForTenant; keys: KeyMaterial; log: Logger };

const hourMs = 60 * 60_000;

export async function startAudit({ pool, forTenant, keys, log }: Given): Promise<Audit> {
  const counted = new CountedRecords(forTenant, log);
  const refusedCalls = new CountedRecords(forTenant, log, hourMs);
  const firstUses = new FirstUses(forTenant, log);
  return {
    keys: await loadAuditKeys(pool, keys),
    counted,
    refusedCalls,
    firstUses,
    stop: async () => {
      await Promise.all([counted.stop(), refusedCalls.stop(), firstUses.stop()]);
    },
  };
}
