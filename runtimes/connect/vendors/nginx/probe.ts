import { isAbsolute, join, matchesGlob } from 'node:path';
import { AdminError } from '../../engine/admin-error.ts';
import type { NginxTools } from './tools.ts';

/**
 * Whether this nginx reads the files of a folder. @throws AdminError when its configuration is broken, which holds up every change, or when it includes nothing there.
 */
export async function requireIncluded(tools: NginxTools, dir: string): Promise<void> {
  const { code, said } = await tools.dump();
  if (code !== 0) throw new AdminError('unsupported', `nginx does not take its own configuration, and so no change of it: ${faultOfDump(said)}.`);
  const main = mainFileOf(said);
  const includes = [...said.matchAll(/^\s*include\s+"?([^";]+)"?\s*;/gm)].map(([, path = '']) => (isAbsolute(path) ? path : join(main, '..', path)));
  const sample = join(dir, 'stoa-00000000-0000-4000-8000-000000000000.conf');
  if (includes.some((pattern) => matchesGlob(sample, pattern))) return;
  throw new AdminError(
    'unsupported',
    `nginx includes nothing of ${dir}: write \`include ${dir}/*.conf;\` into the http block of ${main}, and reload it.`,
  );
}

/** What nginx has against its configuration, in its own words. */
export function faultOfDump(said: string): string {
  const line = said.split('\n').find((one) => one.includes('[emerg]')) ?? said.split('\n')[0] ?? '';
  return line.replace(/^nginx: /, '').slice(0, 500);
}

export const mainFileOf = (dump: string): string => /^# configuration file (.+):$/m.exec(dump)?.[1] ?? '/etc/nginx/nginx.conf';
