import type { Metric } from 'prom-client';

type Labels = Readonly<Record<string, string>>;
type Options = { name: string; help: string /** Upper bounds, ascending. */; bounds: readonly number[] };

/**
 * A histogram for what happens thousands of times a second: a value costs a few additions, where `prom-client`'s own looks up and checks the labels each time.
 * What was counted becomes a metric when somebody asks.
 */
export class TalliedHistogram {
  readonly name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #series: { labels: Labels; counts: number[]; sum: number }[] = [];

  constructor({ name, help, bounds }: Options) {
    this.name = name;
    this.#help = help;
    this.#bounds = bounds;
  }

  /** Begins to count for a set of labels; to be called once for each. Answers what to tell of each value. */
  series(labels: Labels): (value: number) => void {
    const bounds = this.#bounds;
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

  /** In the form that a registry of `prom-client` reads, which needs no more of a metric than this. */
  asMetric(): Metric {
    const { name } = this;
    const get = () => Promise.resolve({ name, help: this.#help, type: 'histogram', aggregator: 'sum', values: this.#values() });
    return { name, get } as unknown as Metric;
  }

  #values() {
    const { name } = this;
    return this.#series.flatMap(({ labels, counts, sum }) => {
      let count = 0;
      const buckets = [...this.#bounds, '+Inf'].map((le, at) => {
        count += counts[at] as number;
        return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
      });
      return [...buckets, { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: count }];
    });
  }
}
