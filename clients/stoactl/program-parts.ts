import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { OperationId } from '@stoa/generated/operations.ts';
import { allows, roles } from '@stoa/generated/permissions.ts';
import type { Role } from '@stoa/generated/permissions.ts';
import { formats } from './output/format-names.ts';
import type { GlobalOptions } from './session.ts';

/** What a command answers: an exit code, where it is not 0. */
export type Outcome = Promise<number | void>;
export type Does = <Arguments extends unknown[]>(work: (...given: Arguments) => Outcome) => (...given: Arguments) => Promise<void>;
export type Global = () => GlobalOptions;

export const modes = ['edge_mcp', 'sidecar', 'connect'] as const;

/** In which formats something is printed, the usual one first. */
export const printedAs = (choices: readonly string[] = formats) =>
  new Option('-o, --output <format>', 'how to print').choices(choices).default(choices[0]);
export const tableOrJson = () => printedAs(['table', 'json']);
export const selector = (what = 'only with these labels') =>
  new Option('-l, --selector <labels>', `${what}: KEY=VALUE, several by commas`).argParser<string[]>(collect);

/** The options of what lists. */
export const listing = (command: Command): Command =>
  command
    .addOption(printedAs())
    .option('--all', 'all of them, page after page')
    .option('--limit <count>', 'how many at most, up to 500; 100 by default', integer(1, 500))
    .option('--no-headers', 'a table or CSV without its first line');

export const collect = (value: string, before: string[] = []): string[] => [...before, value];

/** The same where only some words are allowed. */
export function amongst(words: readonly string[]) {
  return (value: string, before?: string[]): string[] => {
    if (!words.includes(value)) throw new InvalidArgumentError(`Allowed are ${words.join(', ')}.`);
    return collect(value, before);
  };
}

/** Some of the allowed words, by commas. */
export function wordsOf(words: readonly string[], orElse?: string) {
  return (value: string): string => {
    if (!value.split(',').every((word) => words.includes(word)))
      throw new InvalidArgumentError(`Allowed are ${words.join(', ')}, several by commas${orElse === undefined ? '' : `, or ${orElse} alone`}.`);
    return value;
  };
}

export function integer(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`It must be a whole number between ${least} and ${most}.`);
    return value;
  };
}

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `90s`, `30m`, `24h` or `90d`, in seconds. */
export function duration(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) throw new InvalidArgumentError('It must be a number and s, m, h or d, such as 30m or 90d.');
  return Number(count) * (secondsOf[unit] ?? 1);
}

/** Which roles may do all of some operations, for the end of a command's help. */
export function needs(...operations: readonly OperationId[]): () => string {
  return () => {
    const able = (Object.keys(roles) as Role[]).filter((role) => operations.every((operation) => allows([role], operation)));
    return `\nNeeds ${able.length === 1 ? 'the role' : 'one of the roles'} ${able.join(', ')}.`;
  };
}
