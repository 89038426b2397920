import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { folders, here, versions } from './built.ts';

const main = join(import.meta.dirname, '../../build/packages/main.ts');

/** Makes what the tests try, once for all of them. */
export default function makePackages(): void {
  const make = (out: string, ...args: string[]) => {
    console.log(`Making packages in ${out} …`);
    execFileSync(process.execPath, [main, '--out', out, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  };
  const ours = ['--arch', here.name];
  make(folders.newer, ...ours);
  make(folders.again, ...ours);
  make(folders.older, ...ours, '--product', 'stoa-connect', '--kind', 'deb', '--version', versions.older);
}
