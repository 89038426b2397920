import { EarlyExit, ExpectedError } from './errors.ts';

/**
 * Runs a program and turns what it throws into an exit: help text on stdout with 0, expected errors as one line per
 * fault on stderr with their own code, anything else (a defect of ours) with its stack and 70 (EX_SOFTWARE of sysexits.h).
 */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const { output, errorOutput, exitCode } = describeFailure(error);
    // A pipe is written asynchronously: leaving before its callback would cut the text off.
    await write(process.stdout, output);
    await write(process.stderr, errorOutput);
    process.exit(exitCode);
  }
}

function describeFailure(error: unknown): { output: string; errorOutput: string; exitCode: number } {
  if (error instanceof EarlyExit) return { output: `${error.output}\n`, errorOutput: '', exitCode: 0 };
  if (error instanceof ExpectedError) return { output: '', errorOutput: `${error.message}\n`, exitCode: error.exitCode };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { output: '', errorOutput: `${text}\n`, exitCode: 70 };
}

function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  if (text === '') return Promise.resolve();
  return new Promise((resolve) => stream.write(text, () => resolve()));
}
