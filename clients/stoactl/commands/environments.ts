import type { Environment } from '@stoa/generated/schemas.ts';
import { answered, AwaitsApproval } from '../answered.ts';
import { findOne } from '../find.ts';
import { kindOf } from '../kinds.ts';
import { table } from '../output/table.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import { printable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

const demands = ['deployments', 'policies', 'reveals'] as const satisfies readonly Environment['four_eyes'][number][];

/** Lists the environments, and what each demands a second person for. */
export async function listEnvironments(terminal: Terminal, options: GlobalOptions & { output: string }): Promise<void> {
  const { client } = await openSession(terminal, options);
  const { items } = await answered(client.listEnvironments({ params: { query: { limit: 500 } } }));
  if (options.output === 'json') return terminal.out(`${JSON.stringify({ items }, null, 2)}\n`);
  terminal.out(
    table(
      ['NAME', 'FOUR EYES'],
      items.map(({ environment, four_eyes: demanded }) => [environment, demanded.join(',')]),
    ),
  );
}

/** Demands a second person there for what is named, and for nothing else. */
export async function setEnvironment(terminal: Terminal, environment: string, options: GlobalOptions & { fourEyes: string }): Promise<void> {
  const { client } = await openSession(terminal, options);
  const path = { environment };
  const demanded = demands.filter((each) => options.fourEyes.split(',').includes(each));
  const before = await answered(client.getEnvironment({ params: { path } }));
  const isLifted = before.four_eyes.includes('deployments') && !demanded.includes('deployments');
  try {
    const set = await answered(client.setEnvironment({ params: { path }, body: { four_eyes: demanded } }));
    terminal.out(`environment/${printable(environment)} demands a second person for ${set.four_eyes.join(', ') || 'nothing'}\n`);
    for (const warning of set.warnings ?? []) terminal.err(`${printable(warning)}\n`);
  } catch (error) {
    if (error instanceof AwaitsApproval && isLifted)
      terminal.err(
        `What is deployed there stays pinned to its revisions afterwards, until stoactl deployments unpin NAME has it follow the newest again.\n`,
      );
    throw error;
  }
}

/** Has a deployment follow the newest revision of its API again. */
export async function unpin(terminal: Terminal, word: string, options: GlobalOptions): Promise<void> {
  const { client } = await openSession(terminal, options);
  const deployment_id = String((await findOne(kindOf('deployment'), client, word))['deployment_id']);
  const { name, warnings = [] } = await answered(client.updateDeployment({ params: { path: { deployment_id } }, body: { revision: 'newest' } }));
  terminal.out(`deployment/${printable(name ?? deployment_id)} follows the newest revision\n`);
  for (const warning of warnings) terminal.err(`${printable(warning)}\n`);
}
