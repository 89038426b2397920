import { areBytesSpent, chargeBytes } from '../../decide/charge.ts';
import type { Admitted } from './admitted.ts';

const chargedAtOnce = 1024 * 1024;

type Charged = Pick<Admitted, 'engine' | 'question' | 'caller' | 'operation'>;

/** What of the bytes of one request, and of its answer, the limits that count them have been told of. `moved` is what there were of them until then. */
export class ByteCharge {
  readonly #of: Charged;
  #charged = 0;

  constructor(of: Charged) {
    this.#of = of;
  }

  take(moved: number): void {
    chargeBytes(this.#of.engine, this.#to, moved - this.#charged);
    this.#charged = moved;
  }

  /** The same, once it is worth it: of what goes on for long, part by part. */
  takeLarge(moved: number): void {
    if (moved - this.#charged > chargedAtOnce) this.take(moved);
  }

  /** Whether nothing is left after that. */
  isSpent(moved: number): boolean {
    this.take(moved);
    return areBytesSpent(this.#of.engine, this.#to);
  }

  get #to() {
    const { question, caller, operation } = this.#of;
    return { snapshot: question.snapshot, consumerId: caller.consumerId, operation };
  }
}
