/** Upper bounds of the buckets in which durations are counted, in seconds; one more is for what is longer. The contract tells them. */
export const upperBoundsS: readonly number[] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const upperBoundsMs = upperBoundsS.map((seconds) => seconds * 1000);

export function bucketOf(durationMs: number): number {
  let bucket = 0;
  while (bucket < upperBoundsMs.length && durationMs > (upperBoundsMs[bucket] as number)) bucket += 1;
  return bucket;
}

/**
 * How long the given share of the calls took at most, in milliseconds, as if those of one bucket were spread evenly over it; the highest bound for what is beyond it.
 * NaN where nothing was counted.
 */
export function quantileMs(counts: readonly number[], share: number): number {
  const rank = counts.reduce((sum, count) => sum + count, 0) * share;
  let before = 0;
  for (const [bucket, upperMs] of upperBoundsMs.entries()) {
    const count = counts[bucket] ?? 0;
    const lowerMs = upperBoundsMs[bucket - 1] ?? 0;
    if (count > 0 && before + count >= rank) return lowerMs + (upperMs - lowerMs) * ((rank - before) / count);
    before += count;
  }
  return (counts[upperBoundsMs.length] ?? 0) > 0 ? (upperBoundsMs.at(-1) as number) : Number.NaN;
}
