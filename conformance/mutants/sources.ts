import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutant } from './mutants.ts';

const root = join(import.meta.dirname, '../..');
const shared = ['conformance/mutants/mutants.ts', 'conformance/kit/{mask,results,run-cases}.ts'];
/** What decides which mutants of a reference are killed. */
const sources: Readonly<Record<Mutant['of'], readonly string[]>> = {
  server: [...shared, 'conformance/mutants/reference/server.ts', 'conformance/kit/control-plane.ts', 'contract-tests/suite/control-plane/*.ts'],
  client: [...shared, 'conformance/mutants/reference/client.ts', 'conformance/kit/agent.ts', 'contract-tests/suite/runtime/*.ts'],
};

/** Names the sources as they are: another name than that in `mutants.json` says that it is stale. */
export function nameOfSources(of: Mutant['of']): string {
  const digest = createHash('sha256');
  for (const file of globSync([...sources[of]], { cwd: root }).sort()) digest.update(`${file}\n${readFileSync(join(root, file), 'utf8')}\n`);
  return digest.digest('hex');
}
