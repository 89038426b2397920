import type { TargetHealth, TargetHealthReport } from '@stoa/generated/schemas.ts';
import { present } from '../operations/wire.ts';

/** Time enough to have a certificate renewed by people. */
const endingMs = 30 * 24 * 3600 * 1000;

type Told = {
  readonly metrics: Readonly<Record<string, number>> | null;
  readonly health: TargetHealthReport | null;
  /** When it is told, by the clock of the database. */
  readonly read_at: Date;
};

/** How the gateway beside a Connect is: numbers from the last heartbeat, which is the newest, and words from the last report. */
export function targetHealth({ metrics, health, read_at: readAt }: Told): TargetHealth {
  const { target_up: up, target_ready: ready, target_certificate_ends_at_seconds: endsAtS, target_error_ratio: ratio } = metrics ?? {};
  const state = up === 0 ? 'unreachable' : ready === undefined ? 'unknown' : ready === 1 ? 'ready' : 'not_ready';
  const endsAt = endsAtS === undefined ? undefined : new Date(endsAtS * 1000);
  const hasEnd = endsAt !== undefined && !Number.isNaN(endsAt.getTime());
  return {
    state,
    ...present({
      reason: state === 'not_ready' ? health?.reason : undefined,
      certificates: hasEnd ? certificatesBy(endsAt.getTime() - readAt.getTime()) : undefined,
      certificate_ends_at: hasEnd ? endsAt.toISOString() : undefined,
      error_ratio: ratio,
    }),
  };
}

const certificatesBy = (leftMs: number): TargetHealth['certificates'] => (leftMs <= 0 ? 'ended' : leftMs <= endingMs ? 'ending' : 'valid');
