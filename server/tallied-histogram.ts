import type { Metric } from 'prom-client';
import { histogramMetric } from '@stoa/lib/histogram-metric.ts';
import type { CountedHistogram } from '@stoa/lib/histogram-metric.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * A histogram for what happens thousands of times a second: a value costs a few additions, where `prom-client`'s own looks up and checks the labels each time.
 * What was counted becomes a metric when somebody asks.
 */
export class TalliedHistogram {
  readonly #about: Omit<CountedHistogram, 'series'>;
  readonly #series: { labels: Labels; counts: number[]; sum: number }[] = [];

  constructor(about: Omit<CountedHistogram, 'series'>) {
    this.#about = about;
  }

  /** Begins to count for a set of labels; to be called once for each. Answers what to tell of each value. */
  series(labels: Labels): (value: number) => void {
    const { bounds } = this.#about;
    const counts = [...bounds, Infinity].map(() => 0);
    const series = { labels, counts, sum: 0 };
    this.#series.push(series);
    return (value) => {
      let at = 0;
      while (at < bounds.length && value > (bounds[at] as number)) at += 1;
      counts[at] = (counts[at] as number) + 1;
      series.sum += value;
    };
  }

  asMetric(): Metric {
    return histogramMetric({ ...this.#about, series: () => this.#series });
  }
}
