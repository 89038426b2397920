import { CommanderError } from 'commander';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { exitCodes } from './exit-codes.ts';
import { createProgram } from './program.ts';
import type { Terminal } from './terminal.ts';

/** EX_SOFTWARE of sysexits.h: a defect of ours. */
const defect = 70;

/** Obeys a command line; answers the exit code. Throws nothing. */
export async function runStoactl(argv: readonly string[], terminal: Terminal): Promise<number> {
  let code = 0;
  try {
    const program = createProgram(terminal, (ending) => (code = ending));
    if (argv.length === 0) {
      program.outputHelp();
      return exitCodes.usage;
    }
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    // Commander has said what is wrong already. What was asked for, such as the help, ends with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
    if (terminal.signal.aborted) return 130;
    if (error instanceof ExpectedError) {
      terminal.err(`${error.message}\n`);
      return error.exitCode;
    }
    terminal.err(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return defect;
  }
}
