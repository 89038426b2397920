import type { Metric } from 'prom-client';

/** Of one set of labels: how many values fell into each bucket, without those below it, then how many lay above the last bound, and their sum. */
export type CountedSeries = { readonly labels: Readonly<Record<string, string>>; readonly counts: readonly number[]; readonly sum: number };

export type CountedHistogram = {
  readonly name: string;
  readonly help: string;
  /** Upper bounds, ascending. */
  readonly bounds: readonly number[];
  /** Asked each time that somebody reads the metrics. */
  readonly series: () => readonly CountedSeries[];
};

/** A histogram of what was counted elsewhere, as a registry of `prom-client` reads it: its own class can only be added to, which costs more than a call has. */
export function histogramMetric({ name, help, bounds, series }: CountedHistogram): Metric {
  const valuesOf = ({ labels, counts, sum }: CountedSeries) => {
    let count = 0;
    const buckets = [...bounds, '+Inf'].map((le, at) => {
      count += counts[at] ?? 0;
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
    });
    return [...buckets, { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: count }];
  };
  const get = () => Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values: series().flatMap(valuesOf) });
  // A registry needs no more of a metric than this, which its types do not say.
  return { name, get } as unknown as Metric;
}
