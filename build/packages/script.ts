import { build } from 'esbuild';
import type { Plugin } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { httpWithoutUndici, inOneByte, versioned } from '../bundling.ts';
import type { Product } from './products.ts';

const root = join(import.meta.dirname, '../..');

/** What a program asks for by the way, so as to be spared it, is in the script: there is no folder beside an executable. It runs when it is asked for, as it did. */
const requiredInside: Plugin = {
  name: 'required-inside',
  setup({ onLoad }) {
    onLoad({ filter: /\/lib\/[^/]+\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      return { loader: 'ts', contents: text.replaceAll('createRequire(import.meta.url)(', 'require(') };
    });
  },
};

/** The library that asks the keyring is code for a platform, which an executable carries as an asset. */
const embeddedKeyring: Plugin = {
  name: 'embedded-keyring',
  setup({ onResolve }) {
    onResolve({ filter: /^@napi-rs\/keyring$/ }, () => ({ path: join(import.meta.dirname, 'embedded-keyring.ts') }));
  },
};

export type Script = { readonly text: string /** The files that it was made of. */; readonly inputs: readonly string[] };

/** A program as the one CommonJS script that a single executable can hold. */
export async function bundleScript({ entry }: Product, version: string): Promise<Script> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    plugins: [versioned(version), embeddedKeyring, httpWithoutUndici, requiredInside],
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error('esbuild made no script.');
  return { text: inOneByte(output.text), inputs: Object.keys(metafile.inputs) };
}
