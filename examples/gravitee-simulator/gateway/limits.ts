import type { Api, Plan, State, Step } from '../state.ts';

export type Counters = Map<string, { from: number; count: number }>;
/** Bounds what is remembered of callers. */
const maxCounters = 10_000;

export const createCounters = (): Counters => new Map();

type Limited = {
  readonly api: Api;
  readonly plan: Plan;
  readonly caller: string;
  readonly state: State;
  readonly counters: Counters;
  readonly told: Record<string, string>;
};
type Period = {
  readonly limit: number;
  readonly periodTime: number;
  readonly periodTimeUnit: string;
  readonly key: string;
  readonly useKeyOnly: boolean;
};

const seconds: Readonly<Record<string, number>> = { SECONDS: 1, MINUTES: 60, HOURS: 3600, DAYS: 86_400, WEEKS: 604_800, MONTHS: 2_592_000 };
const headers = { rate: 'x-rate-limit', quota: 'x-quota' };
const sentence = { rate: 'Rate limit', quota: 'Quota' };

/** A window begins with the first call in it. A request that a later policy refuses has been counted. */
export function limited({ configuration = {} }: Step, kind: 'rate' | 'quota', { api, plan, caller, state, counters, told }: Limited) {
  const { limit, periodTime, periodTimeUnit, key, useKeyOnly } = configuration[kind] as Period;
  const lengthMs = periodTime * (seconds[periodTimeUnit] ?? 1) * 1000;
  const id = `${kind} ${useKeyOnly ? key : `${api.id} ${plan.id} ${caller} ${key}`}`;
  const now = state.now();
  const known = counters.get(id);
  const counter = known !== undefined && known.from + lengthMs > now ? known : { from: now, count: 0 };
  if (counters.size >= maxCounters) counters.clear();
  counters.set(id, counter);
  counter.count += 1;
  if (configuration['addHeaders'] === true) {
    told[`${headers[kind]}-limit`] = String(limit);
    told[`${headers[kind]}-remaining`] = String(Math.max(0, limit - counter.count));
    told[`${headers[kind]}-reset`] = String(counter.from + lengthMs);
  }
  if (counter.count <= limit) return undefined;
  const text = `${sentence[kind]} exceeded! You reached the limit of ${limit} requests per ${periodTime} ${periodTimeUnit.toLowerCase()}`;
  return { status: 429, text };
}
