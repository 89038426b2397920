import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const packagePath = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;

/** The folders of the packages that these files are of, each once. */
export const packageFolders = (files: readonly string[]): string[] => [...new Set(files.flatMap((file) => packagePath.exec(file)?.[0] ?? []))].sort();

/** The licences of all packages that something holds, by their folders: most demand to go with the code. */
export async function thirdPartyLicences(folders: readonly string[]): Promise<string> {
  const texts = await Promise.all([...new Set(folders)].sort().map(licenceOf));
  return `This contains the following packages.\n${texts.join('')}`;
}

async function licenceOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return `\n${'='.repeat(80)}\n${name} ${version} (${license})\n\n${texts.join('\n')}`;
}
