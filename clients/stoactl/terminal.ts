import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { CommandError } from './exit-codes.ts';

export { printable } from '@stoa/lib/printable.ts';

/** All that a command has of the world around it besides files and the network, so that tests can run commands in their own process. */
export type Terminal = {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable;
  /** Whether a person is at the other end. */
  readonly isPerson: { readonly in: boolean; readonly out: boolean; readonly err: boolean };
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  out(text: string): void;
  err(text: string): void;
};

const maxInputChars = 64 * 1024 * 1024;

/** What is piped in, as a whole. */
export async function readInput(terminal: Terminal): Promise<string> {
  let text = '';
  for await (const chunk of terminal.stdin.setEncoding('utf8')) {
    text += chunk as string;
    if (text.length > maxInputChars) throw new Error(`stdin holds more than ${maxInputChars} characters`);
  }
  return text;
}

/** What a person answers, line by line. Throws when nothing more comes. */
export function linesOf(terminal: Terminal): () => Promise<string> {
  let lines: AsyncIterator<string> | undefined;
  return async () => {
    // A stream that was read to its end never says so again.
    if (lines === undefined && terminal.stdin.readableEnded) throw new CommandError('usage', 'No answer came: stdin has ended.');
    lines ??= createInterface({ input: terminal.stdin, signal: terminal.signal })[Symbol.asyncIterator]();
    const line = await lines.next();
    if (line.done === true) throw new CommandError('usage', 'No answer came.');
    return line.value;
  };
}

/** Says what goes on, to a person only: a log of a pipeline has no use for it. */
export function progress(terminal: Terminal, sentence: string): void {
  if (terminal.isPerson.err) terminal.err(`${sentence}\n`);
}
