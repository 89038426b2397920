import type { UsagePart, UsageSink } from '../metering/meter.ts';
import type { NumberedPart } from './questions.ts';

/** The parts of usage that one worker has in the making. */
export class KeptParts {
  readonly #usage: UsageSink;
  readonly #open = new Map<number, UsagePart>();

  constructor(usage: UsageSink) {
    this.#usage = usage;
  }

  note({ part, records = [] }: NumberedPart): Promise<void> {
    return this.#partOf(part).note(records);
  }

  async close({ part, records }: NumberedPart): Promise<void> {
    await this.#partOf(part).close(records);
    this.#open.delete(part);
  }

  /** When the worker has ended: what it noted and did not close is counted. Rejects when the disk fails; the next process counts it then. */
  async closeAll(): Promise<void> {
    const left = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(left.map((part) => part.close()));
  }

  #partOf(number: number): UsagePart {
    const part = this.#open.get(number) ?? this.#usage.open();
    this.#open.set(number, part);
    return part;
  }
}
