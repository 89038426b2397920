/** What one look found. `skipped` is what could not be looked at, and is no fault. */
export type DoctorFinding = {
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly found: string;
  readonly remedy?: string;
};

export const ok = (check: string, found: string): DoctorFinding => ({ check, status: 'ok', found });
export const skipped = (check: string, found: string): DoctorFinding => ({ check, status: 'skipped', found });
export const warning = (check: string, found: string, remedy: string): DoctorFinding => ({ check, status: 'warning', found, remedy });
export const failed = (check: string, found: string, remedy: string): DoctorFinding => ({ check, status: 'failed', found, remedy });

const dayMs = 24 * 60 * 60 * 1000;

/** How long something is good for still: told before it hurts. */
export function untilExpiry(check: string, what: string, expiresAtMs: number, nowMs: number, warnDays: number, remedy: string): DoctorFinding {
  const at = new Date(expiresAtMs).toISOString();
  const days = Math.floor((expiresAtMs - nowMs) / dayMs);
  if (expiresAtMs <= nowMs) return failed(check, `${what} ended at ${at}`, remedy);
  const found = `${what} is good until ${at}`;
  return days < warnDays ? warning(check, `${found}, for ${days} more days`, remedy) : ok(check, found);
}
