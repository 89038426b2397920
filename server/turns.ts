import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Does something for each of many, so many at a time: in between, whoever asks for something else gets a turn. Counted, where `inSlices` of `lib` looks at the
 * clock: what is done here lets others go on, and what they then do takes place in between, where no clock of ours would see it.
 */
export async function inTurns<Item>(items: Iterable<Item>, size: number, act: (item: Item) => void): Promise<void> {
  let done = 0;
  for (const item of items) {
    if (done > 0 && done % size === 0) await nextTurn();
    done += 1;
    act(item);
  }
}
