import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const packagePath = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;

/** The licences of all packages that a bundle holds, from the files it was made of and the packages that were copied: most demand to go with the code. */
export async function thirdPartyLicences(root: string, inputs: readonly string[], copied: readonly string[]): Promise<string> {
  const bundled = inputs.flatMap((input) => packagePath.exec(input)?.[0] ?? []);
  const folders = new Set([...bundled, ...copied.map((name) => `node_modules/${name}`)]);
  const texts = await Promise.all([...folders].sort().map((folder) => licenceOf(join(root, folder))));
  return `This folder contains the following packages.\n${texts.join('')}`;
}

async function licenceOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return `\n${'='.repeat(80)}\n${name} ${version} (${license})\n\n${texts.join('\n')}`;
}
