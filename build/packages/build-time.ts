import { ExpectedError } from '@stoa/lib/errors.ts';
import { runTool } from './tools.ts';

const root = new URL('../..', import.meta.url).pathname;

/** The time that everything in packages is dated with, in seconds: `SOURCE_DATE_EPOCH` (reproducible-builds.org), else that of the last commit. */
export async function buildTime(env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const given = env['SOURCE_DATE_EPOCH'];
  const text = given ?? (await lastCommit());
  if (!/^\d{1,10}$/.test(text)) throw new ExpectedError('SOURCE_DATE_EPOCH must be a whole number of seconds since 1970.');
  return Number(text);
}

async function lastCommit(): Promise<string> {
  try {
    return (await runTool('git', ['-C', root, 'log', '-1', '--format=%ct'])).trim();
  } catch (error) {
    throw new ExpectedError('Without the history of git there is no time of the last commit: set SOURCE_DATE_EPOCH.', { cause: error });
  }
}
