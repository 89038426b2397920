/**
 * A failure an operator can cause and cure: its message is complete sentences that name the remedy,
 * so `runMain` prints it without a stack.
 */
export class ExpectedError extends Error {
  /** What the process exits with when nothing catches this error. */
  readonly exitCode: number = 1;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A disk that does not answer. What waits for it cannot be called back, not even by the end of the process: see `runMain`. */
export class StuckError extends ExpectedError {}

/** Usage or configuration that cannot be obeyed. `faults` holds every one of them, a sentence each. Exit code 2. */
export class ConfigurationError extends ExpectedError {
  override readonly exitCode: number = 2;
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

/** The program was asked for information (`--help`, `check`): `output` goes to stdout and the program ends with `exitCode`. */
export class EarlyExit extends Error {
  readonly output: string;
  readonly exitCode: number;

  constructor(output: string, exitCode = 0) {
    super('The program was asked for information only.');
    this.name = 'EarlyExit';
    this.output = output;
    this.exitCode = exitCode;
  }
}
