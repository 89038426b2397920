import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
/** What decides which mutants are killed. */
const sources = [
  'conformance/mutants/reference/*.ts',
  'conformance/mutants/mutants.ts',
  'conformance/kit/**/*.ts',
  'contract-tests/suite/{control-plane,runtime}/*.ts',
];

/** Names the sources as they are: another name than that in `mutants.json` says that it is stale. */
export function nameOfSources(): string {
  const files = globSync(sources, { cwd: root })
    .filter((file) => !file.endsWith('.test.ts'))
    .sort();
  const digest = createHash('sha256');
  for (const file of files) digest.update(`${file}\n${readFileSync(join(root, file), 'utf8')}\n`);
  return digest.digest('hex');
}
