import { ConfigurationError } from '@stoa/lib/errors.ts';

/** Reads arguments; what is wrong with them is one sentence. */
export function orRefuse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ConfigurationError([`${(error as Error).message.split('. ')[0]}. --help tells what it takes.`]);
  }
}
