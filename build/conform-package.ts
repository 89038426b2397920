import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { version } from '@stoa/lib/version.ts';
import { buildProgram } from './main.ts';

/** Makes `dist/conform/`: the conformance kit as an npm package without dependencies, and its tarball. */
const dist = join(import.meta.dirname, '..', 'dist', 'conform');
await rm(dist, { recursive: true, force: true });
await buildProgram('stoa-conform', { dist });
const folder = join(dist, 'stoa-conform');
await writeFile(join(folder, 'stoa-conform.mjs'), "#!/usr/bin/env node\nimport './main.mjs';\n", { mode: 0o755 });
const manifest = {
  name: '@stoa/conform',
  version,
  description: 'Holds any implementation of the STOA registration contract against every sentence of it.',
  license: 'Apache-2.0',
  type: 'module',
  engines: { node: '>=22.21' },
  bin: { 'stoa-conform': 'stoa-conform.mjs' },
  // What lies beside the program is read at run time.
  bundleDependencies: ['yaml'],
  dependencies: { yaml: '2.9.1' },
};
await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
await rm(join(folder, 'main.mjs.map'), { force: true });
process.stdout.write(execFileSync('npm', ['pack', '--silent', '--pack-destination', dist], { cwd: folder, encoding: 'utf8' }));
