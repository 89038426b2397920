import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Product } from './products.ts';
import { runTool } from './tools.ts';

const root = join(import.meta.dirname, '../..');

/**
 * Makes `<name>-<version>.tgz` for npm of a program's folder in `dist/`. The library that asks the keyring is a dependency: npm chooses its code for the platform of who
 * installs. npm gives each file the same time, so that the same files give the same bytes.
 */
export async function makeNpmPackage(product: Product, version: string, bundle: string, place: string, out: string): Promise<string> {
  const folder = join(place, 'npm');
  await cp(bundle, folder, { recursive: true, filter: (path) => !path.startsWith(join(bundle, 'node_modules')) && !path.endsWith('.map') });
  const main = join(folder, 'main.mjs');
  await writeFile(main, `#!/usr/bin/env node\n${await readFile(main, 'utf8')}`, { mode: 0o755 });
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(await manifestOf(product, version), null, 2)}\n`);
  await writeFile(join(folder, 'README.md'), `# ${product.name}\n\n${product.description}\n\n\`${product.name} --help\` says the rest.\n`);
  const [{ filename }] = JSON.parse(await runTool('npm', ['pack', '--json', '--pack-destination', place], { cwd: folder })) as [{ filename: string }];
  const path = join(out, `${product.name}-${version}.tgz`);
  await rename(join(place, filename), path);
  await rm(folder, { recursive: true });
  return path;
}

async function manifestOf({ name, summary, hasKeyring }: Product, version: string): Promise<object> {
  const read = async (path: string) =>
    JSON.parse(await readFile(join(root, path, 'package.json'), 'utf8')) as { dependencies?: Record<string, string>; engines: object };
  const keyring = '@napi-rs/keyring';
  const { dependencies = {} } = await read('clients/auth');
  return {
    name,
    version,
    description: summary,
    license: 'Apache-2.0',
    type: 'module',
    engines: (await read('.')).engines,
    bin: { [name]: 'main.mjs' },
    ...(hasKeyring && { dependencies: { [keyring]: dependencies[keyring] } }),
  };
}
