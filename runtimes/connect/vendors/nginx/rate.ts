/** A limit as nginx spells it, a rate and how many may come at once beyond the first; undefined where it has no such rate. */
export function rateOf({ limit, window_s: seconds }: { limit: number; window_s: number }): { rate: string; burst: number } | undefined {
  const [perSecond, perMinute] = [limit / seconds, (limit * 60) / seconds];
  const rate = Number.isInteger(perSecond) ? `${perSecond}r/s` : Number.isInteger(perMinute) ? `${perMinute}r/m` : undefined;
  // nginx keeps a thousand times the rate in 32 bits.
  if (rate === undefined || perSecond > 1_000_000 || limit > 1_000_000) return undefined;
  return { rate, burst: limit - 1 };
}
