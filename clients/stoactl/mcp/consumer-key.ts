import { readText } from '@stoa/lib/read-text.ts';
import { CommandError } from '../exit-codes.ts';
import { readInput } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

const variable = 'STOA_CONSUMER_KEY';
/** A key, and room for the ends of its line. */
const maxKeyBytes = 8192 + 64;

/** A consumer's key from a file or pipe, from stdin as `-`, or from the environment: never from an argument, which others can read. */
export async function consumerKey(terminal: Terminal, file: string | undefined): Promise<string | undefined> {
  const [text, place] = file === undefined ? [terminal.env[variable], variable] : [await textOf(terminal, file), file === '-' ? 'stdin' : file];
  const key = text?.trim();
  if (key === undefined || (key === '' && file === undefined)) return undefined;
  if (!/^[\x21-\x7e]{1,8192}$/.test(key)) throw new CommandError('usage', `${place} holds no key: it has to be one word of one line.`);
  return key;
}

export const noKey = new CommandError('usage', `Say which consumer calls: --key-file FILE, --key-file - for stdin, or ${variable}.`);

async function textOf(terminal: Terminal, file: string): Promise<string> {
  if (file === '-') return readInput(terminal);
  return readText(file, maxKeyBytes).catch((error: Error) => {
    throw new CommandError('usage', `--key-file cannot be read: ${error.message}`, { cause: error });
  });
}
