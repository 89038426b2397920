import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CommandError } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

/**
 * Runs the conformance kit, a program of its own, with everything that was given: the one beside this program where both were built together, else
 * `stoa-conform` on the PATH, where its npm package puts it. Answers its exit code.
 */
export async function conform(terminal: Terminal, given: readonly string[]): Promise<number> {
  const beside = join(dirname(process.argv[1] ?? ''), '..', 'stoa-conform', 'main.mjs');
  const [program, args] = existsSync(beside) ? [process.execPath, [beside, ...given]] : ['stoa-conform', [...given]];
  const child = spawn(program, args, { env: terminal.env, stdio: ['ignore', 'pipe', 'pipe'], signal: terminal.signal });
  child.stdout.on('data', (text: Buffer) => terminal.out(text.toString()));
  child.stderr.on('data', (text: Buffer) => terminal.err(text.toString()));
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return code ?? 1;
  } catch (error) {
    if (terminal.signal.aborted) throw error;
    throw new CommandError(
      'failed',
      'The conformance kit is not installed: put stoa-conform on the PATH, which its npm package does. "make conform-package" makes that.',
    );
  }
}
