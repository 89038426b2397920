import { ExpectedError } from '@stoa/lib/errors.ts';

/** What a script can tell apart. They are told by `stoactl --help` and by the guide. */
export const exitCodes = { failed: 1, usage: 2, signedOut: 3, forbidden: 4, notFound: 5, conflict: 6, unreachable: 7 } as const;
export type Ending = keyof typeof exitCodes;

/** An end of a command that is told on stderr, a sentence a line, and by an exit code of its own. */
export class CommandError extends ExpectedError {
  override readonly exitCode: number;
  readonly #ending: Ending;

  constructor(ending: Ending, message: string, options?: ErrorOptions) {
    super(message, options);
    this.#ending = ending;
    this.exitCode = exitCodes[ending];
  }

  /** The same end, told in other words. */
  saying(message: string): CommandError {
    return new CommandError(this.#ending, message, { cause: this });
  }
}

/** A fault of a request, by the place in it. */
export type InputFault = { readonly pointer: string; readonly message: string };

/** An answer that names faults of what it was asked. */
export class RefusedInput extends CommandError {
  readonly faults: readonly InputFault[];

  constructor(message: string, faults: readonly InputFault[]) {
    super('failed', message);
    this.faults = faults;
  }
}
