import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { platforms } from '../../build/packages/platforms.ts';
import { version } from '../../lib/version.ts';

const cache = join(import.meta.dirname, '../../node_modules/.cache/packages-test');

/** The platform of this machine, whose packages can be tried. */
export const here = platforms.find(({ cpu }) => cpu === process.arch) ?? platforms[0]!;
export const versions = { older: '0.0.9', newer: version };
/** Where `make packages-test` puts its builds: everything for this machine, the same once more, and the older package of Connect. */
export const folders = { newer: join(cache, 'newer'), again: join(cache, 'again'), older: join(cache, 'older') };

/** The one file of a folder whose name matches. */
export function fileOf(folder: string, pattern: RegExp): string {
  const [name, ...others] = readdirSync(folder).filter((file) => pattern.test(file));
  if (name === undefined || others.length > 0) throw new Error(`${folder} holds not one ${pattern}: ${[name, ...others].join(', ')}`);
  return join(folder, name);
}
