/** How long things took, by attributes, as a histogram with bounds of its own. */
export type Histogram = {
  readonly name: string;
  readonly description: string;
  /** In seconds. */
  readonly bounds: readonly number[];
  readonly series: Iterable<Series>;
};
export type Attributes = Readonly<Record<string, string | number | boolean>>;
export type Series = { readonly attributes: Attributes; readonly counts: number[]; count: number; sum: number; min: number; max: number };

/** What tells one series from another: the values of its attributes, in an order of their own for each histogram. */
export type Parts = readonly unknown[];
type Node = { readonly next: Map<unknown, Node>; series: Series | undefined };

/** What is told apart, however many tools and statuses there are; the rest is counted together, as the specification has it ("Cardinality limits"). */
const maxSeries = 2000;
const overflow = 'otel.metric.overflow';

/**
 * Counted here rather than by the library, whose way to the series of some attributes costs more than all else that is done for a request that is not traced. The way to one goes from part to
 * part: a text for all of them would be made, and hashed, for each request.
 */
export class Durations implements Histogram {
  readonly name: string;
  readonly description: string;
  readonly bounds: readonly number[];
  readonly #root: Node = { next: new Map(), series: undefined };
  readonly #series: Series[] = [];
  #overflow: Series | undefined;

  constructor(name: string, description: string, bounds: readonly number[]) {
    this.name = name;
    this.description = description;
    this.bounds = bounds;
  }

  get series(): Iterable<Series> {
    return this.#overflow === undefined ? this.#series : [...this.#series, this.#overflow];
  }

  /** `attributes` are asked for once. */
  add(parts: Parts, seconds: number, attributes: () => Attributes): void {
    const series = this.#find(parts) ?? this.#begin(parts, attributes);
    const { bounds } = this;
    let bucket = 0;
    while (bucket < bounds.length && seconds > (bounds[bucket] as number)) bucket += 1;
    (series.counts[bucket] as number) += 1;
    series.count += 1;
    series.sum += seconds;
    if (seconds < series.min) series.min = seconds;
    if (seconds > series.max) series.max = seconds;
  }

  #find(parts: Parts): Series | undefined {
    let node: Node | undefined = this.#root;
    for (let at = 0; at < parts.length && node !== undefined; at += 1) node = node.next.get(parts[at]);
    return node?.series;
  }

  #begin(parts: Parts, attributes: () => Attributes): Series {
    if (this.#series.length >= maxSeries - 1) return (this.#overflow ??= this.#empty({ [overflow]: true }));
    let node = this.#root;
    for (const part of parts) {
      const next = node.next.get(part) ?? { next: new Map<unknown, Node>(), series: undefined };
      node.next.set(part, next);
      node = next;
    }
    node.series = this.#empty(attributes());
    this.#series.push(node.series);
    return node.series;
  }

  #empty(attributes: Attributes): Series {
    return { attributes, counts: Array.from({ length: this.bounds.length + 1 }, () => 0), count: 0, sum: 0, min: Infinity, max: 0 };
  }
}
