import { format } from 'node:util';
import { EarlyExit, ExpectedError, StuckError } from './errors.ts';
import { createLogger } from './log.ts';

/**
 * Runs a program and turns what it throws into an exit: what was asked for on stdout, expected errors as one line per fault on stderr
 * with their own code, anything else (a defect of ours) with its stack and 70 (EX_SOFTWARE of sysexits.h). With the name of a `program` the
 * lines are those of its log, except on a terminal: whoever collects logs gets nothing that is not JSON.
 */
export async function runMain(main: () => Promise<void>, { program }: { program?: string } = {}): Promise<void> {
  const fail = async (error: unknown): Promise<never> => {
    const { output = [], faults = [], stack, exitCode } = describeFailure(error);
    const log = program === undefined || process.stderr.isTTY ? undefined : createLogger({ program, level: 'info' });
    for (const fault of faults) log?.fatal({ stack }, fault);
    // A pipe is written asynchronously: leaving before its callback would cut the text off.
    await write(process.stdout, output);
    if (log === undefined) await write(process.stderr, stack === undefined ? faults : [stack]);
    // The exit would wait for the thread that waits for the disk.
    if (error instanceof StuckError) process.kill(process.pid, 'SIGKILL');
    process.exit(exitCode);
  };
  if (program !== undefined) logWhatOthersSay(program, fail);
  try {
    await main();
  } catch (error) {
    await fail(error);
  }
}

type Failure = { output?: string[]; faults?: readonly string[]; stack?: string; exitCode: number };

function describeFailure(error: unknown): Failure {
  if (error instanceof EarlyExit) return { output: [error.output], exitCode: error.exitCode };
  if (error instanceof ExpectedError) return { faults: error.message.split('\n'), exitCode: error.exitCode };
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { faults: [`A defect ended the program: ${error instanceof Error ? error.message : String(error)}`], stack, exitCode: 70 };
}

/** Warnings, uncaught errors and what a package prints would come as Node.js likes. */
function logWhatOthersSay(program: string, fail: (error: unknown) => Promise<never>): void {
  const log = createLogger({ program, level: 'info' });
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => log.warn({ warning: name }, message));
  process.on('uncaughtException', (error) => void fail(error));
  const levels = { log: 'info', info: 'info', debug: 'debug', warn: 'warn', error: 'error' } as const;
  for (const [method, level] of Object.entries(levels)) {
    console[method as keyof typeof levels] = (...words: unknown[]) => log[level](format(...words));
  }
}

function write(stream: NodeJS.WriteStream, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return Promise.resolve();
  return new Promise((resolve) => stream.write(`${lines.join('\n')}\n`, () => resolve()));
}
