import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Writes `SHA256SUMS` of all that is in a folder, as `sha256sum --check` reads it; answers its lines. */
export async function writeChecksums(folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((file) => file !== 'SHA256SUMS').sort();
  const lines = await Promise.all(files.map(async (file) => `${await sha256(join(folder, file))}  ${file}`));
  await writeFile(join(folder, 'SHA256SUMS'), `${lines.join('\n')}\n`);
  return lines;
}
