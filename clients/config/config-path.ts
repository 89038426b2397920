import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Where the contexts are kept: `STOACTL_CONFIG`, or `STOA_CONFIG`, which in the environment of any other program of STOA is the file of its settings; or else `stoa/config.yaml` where this system keeps the configuration of a user (XDG Base Directory).
 */
export function configPath(env: NodeJS.ProcessEnv): string {
  const given = env['STOACTL_CONFIG'] || env['STOA_CONFIG'];
  if (given !== undefined && given !== '') return resolve(given);
  const appData = process.platform === 'win32' ? env['APPDATA'] : undefined;
  const base = env['XDG_CONFIG_HOME'] || appData || join(env['HOME'] || homedir(), '.config');
  return join(base, 'stoa', 'config.yaml');
}
