import { CommandError } from './exit-codes.ts';

/** A point in time as the server takes it: a date is its first moment in UTC. */
export function timestamp(option: string, given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const date = new Date(given);
  if (!/^\d{4}-\d\d-\d\d/.test(given) || Number.isNaN(date.getTime()))
    throw new CommandError('usage', `--${option} takes a time such as 2026-11-30T09:00:00Z, or a date: "${given}" is neither.`);
  return date.toISOString();
}
