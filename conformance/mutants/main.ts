import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mutants } from './mutants.ts';
import type { Mutant } from './mutants.ts';
import { nameOfSources } from './sources.ts';
import { tryMutant } from './try-mutant.ts';

const atOnce = 6;
// What a mutant leaves behind, such as a case that is broken off, must not end the run of the others.
process.on('unhandledRejection', () => undefined);
process.on('uncaughtException', (error) => process.stderr.write(`A mutant threw: ${error.message}\n`));

/** Known survivors and why each is one: what a mutant does that the contract does not forbid, or nobody can see from outside. */
const reasons: Readonly<Record<string, string>> = {};

const failuresOf = async (part: Parameters<typeof tryMutant>[0]): Promise<string[]> =>
  (await tryMutant(part, 'from' in part))
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ cites, sentence, reason }) => `${cites.join(' ')}: ${sentence} (${(reason ?? '').split('\n')[0]})`);

for (const name of ['server', 'client'] as const) {
  const failures = await failuresOf({ of: name, intervalS: 5 });
  if (failures.length === 0) continue;
  process.stderr.write(`The ${name} without a mistake fails:\n${failures.join('\n')}\n`);
  process.exit(1);
}

const only = process.argv.slice(2);
const queue = mutants.filter(({ id }) => only.length === 0 || only.includes(id));
const survivors: { id: string; of: string; mistake: string; reason: string }[] = [];
let next = 0;
async function work(): Promise<void> {
  for (let mutant: Mutant | undefined; (mutant = queue[next]) !== undefined; ) {
    next += 1;
    const { id, of, mistake } = mutant;
    const [failure] = await failuresOf(mutant);
    process.stdout.write(
      `${failure === undefined ? 'SURVIVES' : 'killed  '} ${of} ${id}: ${mistake}${failure === undefined ? '' : `\n           by ${failure.slice(0, 200)}`}\n`,
    );
    if (failure === undefined) survivors.push({ id, of, mistake, reason: reasons[id] ?? 'unknown' });
  }
}
await Promise.all(Array.from({ length: atOnce }, work));
const killed = queue.length - survivors.length;
process.stdout.write(`${killed} of ${queue.length} killed.\n`);
if (only.length === 0) {
  const report = {
    mutants: queue.length,
    killed,
    survivors: survivors.sort((a, b) => (a.id < b.id ? -1 : 1)),
    sources: { server: nameOfSources('server'), client: nameOfSources('client') },
  };
  await writeFile(join(import.meta.dirname, '../mutants.json'), `${JSON.stringify(report, null, 2)}\n`);
}
process.exit(killed / queue.length >= 0.95 ? 0 : 1);
