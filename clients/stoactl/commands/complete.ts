import type { Command } from 'commander';
import { candidatesFor } from '../completion/candidates.ts';
import { valuesFor } from '../completion/values.ts';
import { printable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

/** What the scripts of the shells ask for: a candidate a line, with its meaning behind a tab; `:files` leaves it to the shell. Says nothing of what goes wrong. */
export async function complete(terminal: Terminal, program: Command, words: readonly string[]): Promise<void> {
  const typed = words.at(-1) ?? '';
  const found = await candidatesFor(program, words, valuesFor(terminal, typed.slice(typed.startsWith('-') ? typed.indexOf('=') + 1 : 0))).catch(
    () => [],
  );
  if (found === 'files') return terminal.out(':files\n');
  const lines = found.map(({ value, meaning = '' }) => `${printable(value)}\t${printable(meaning)}\n`);
  terminal.out(lines.join(''));
}
