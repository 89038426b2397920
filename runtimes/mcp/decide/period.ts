import type { LimitPolicy } from '../model.ts';

export type Period = Extract<LimitPolicy, { kind: 'quota' }>['period'];

/** The calendar period in UTC that a moment is in, in milliseconds since 1970, without its end. */
export function periodAt(period: Period, nowMs: number): { readonly startsMs: number; readonly endsMs: number } {
  const at = new Date(nowMs);
  const [year, month, day, hour] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), at.getUTCHours()];
  switch (period) {
    case 'hour':
      return { startsMs: Date.UTC(year, month, day, hour), endsMs: Date.UTC(year, month, day, hour + 1) };
    case 'day':
      return { startsMs: Date.UTC(year, month, day), endsMs: Date.UTC(year, month, day + 1) };
    case 'month':
      return { startsMs: Date.UTC(year, month), endsMs: Date.UTC(year, month + 1) };
  }
}
