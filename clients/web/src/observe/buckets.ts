import type { UsageSum } from '@stoa/generated/schemas.ts';

/** Sums by time, each at its start in seconds since 1970; a time without calls has zeros. */
export type UsageBuckets = { at: number[]; calls: number[]; errors: number[]; denied: number[] };

const seconds = { hour: 3_600, day: 86_400 } as const;

export function bucketsOf(
  items: readonly Pick<UsageSum, 'start' | 'calls' | 'errors' | 'denied'>[],
  from: string,
  interval: 'hour' | 'day',
  to = new Date(),
): UsageBuckets {
  const step = seconds[interval];
  const first = Math.floor(Date.parse(from) / 1000 / step) * step;
  const count = Math.floor((to.getTime() / 1000 - first) / step) + 1;
  const zeros = () => Array.from({ length: count }, () => 0);
  const buckets = { at: Array.from({ length: count }, (_, index) => first + index * step), calls: zeros(), errors: zeros(), denied: zeros() };
  for (const item of items) {
    const index = item.start === undefined ? -1 : Math.floor((Date.parse(item.start) / 1000 - first) / step);
    if (index < 0 || index >= count) continue;
    buckets.calls[index] = (buckets.calls[index] ?? 0) + item.calls;
    buckets.errors[index] = (buckets.errors[index] ?? 0) + item.errors;
    buckets.denied[index] = (buckets.denied[index] ?? 0) + item.denied;
  }
  return buckets;
}
