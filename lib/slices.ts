import { setImmediate } from 'node:timers/promises';

/** Longest that work may go on before others have their turn: with what a step takes it stays below 5 ms. */
const sliceMs = 2;

export type SliceOptions = {
  /** Waits for the next turn of the event loop. */
  readonly turn?: () => Promise<unknown>;
  /** A clock in milliseconds. */
  readonly now?: () => number;
};

/** Lets the event loop serve others between two steps of a long piece of work, once the steps since the last time have taken long enough. */
export type Breath = { readonly isDue: () => boolean; readonly take: () => Promise<void> };

export function createBreath({ turn = setImmediate, now = () => performance.now() }: SliceOptions = {}): Breath {
  let endsAt = now() + sliceMs;
  return {
    isDue: () => now() >= endsAt,
    async take() {
      await turn();
      endsAt = now() + sliceMs;
    },
  };
}

/** Work in steps, for what is also done at once: each `yield` is a place where it may be interrupted. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** Does the work, and takes a breath whenever one is due. */
export async function inSlices<Result>(steps: Steps<Result>, options?: SliceOptions): Promise<Result> {
  const breath = createBreath(options);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (breath.isDue()) await breath.take();
  }
}

/** Does the work at once. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Sorts in steps. `compare` never answers 0 for two different elements, or does not mind their order. */
export function* sorted<Element>(list: readonly Element[], compare: (a: Element, b: Element) => number): Steps<Element[]> {
  if (list.length <= 128) return [...list].sort(compare);
  const middle = list.length >> 1;
  const left: Element[] = yield* sorted(list.slice(0, middle), compare);
  yield;
  return yield* merged(left, yield* sorted(list.slice(middle), compare), compare);
}

function* merged<Element>(left: readonly Element[], right: readonly Element[], compare: (a: Element, b: Element) => number): Steps<Element[]> {
  const all: Element[] = [];
  let [at, other] = [0, 0];
  while (at < left.length && other < right.length) {
    const [one, two] = [left[at] as Element, right[other] as Element];
    const isFirst = compare(one, two) <= 0;
    all.push(isFirst ? one : two);
    if (isFirst) at += 1;
    else other += 1;
    if (all.length % 512 === 0) yield;
  }
  return all.concat(left.slice(at), right.slice(other));
}
