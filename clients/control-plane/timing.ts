/** Uniform in [0, 1). */
export type Random = () => number;

const minIntervalS = 5;
const maxIntervalS = 3600;

/** The interval that is in force when the server asked for `seconds`: whole seconds within [5, 3600] (docs/registration-protocol.md, "Time"). */
export function clampIntervalS(seconds: number): number {
  return Math.min(maxIntervalS, Math.max(minIntervalS, Math.round(seconds)));
}

/** A fleet that starts at once must not beat at once. */
export function firstBeatMs(intervalS: number, random: Random): number {
  return random() * intervalS * 1000;
}

export function nextBeatMs(intervalS: number, random: Random): number {
  return intervalS * 1000 * (0.9 + random() * 0.2);
}

/** Before registration the interval is unknown: pass undefined. */
export function requestTimeoutMs(intervalS: number | undefined): number {
  return intervalS === undefined ? 10_000 : Math.min(10_000, (intervalS * 1000) / 3);
}

/**
 * `rand(200 ms … min(cap, 2ⁿ s))` for n = 0, 1, 2 …: full jitter, which brings 100,000 clients back in a minute where a back-off without
 * jitter takes an hour (lesson 4).
 */
export function fullJitterMs(attempt: number, random: Random, capMs = 60_000): number {
  const upperMs = Math.min(capMs, 1000 * 2 ** Math.min(attempt, 30));
  return 200 + random() * (upperMs - 200);
}

/** Between `ms` and `ms` + 20 %: never earlier than what was asked for. */
export function stretchedMs(ms: number, random: Random): number {
  return ms * (1 + random() * 0.2);
}

/** The milliseconds that a `Retry-After` asks for (RFC 9110 §10.2.3: seconds or a date); undefined when it is absent or neither. `nowMs` is the server's clock. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header.trim()) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
