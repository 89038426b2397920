import type { Promotion } from '@stoa/generated/schemas.ts';
import { answered } from '../answered.ts';
import { findOne } from '../find.ts';
import { kindOf } from '../kinds.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export type PromoteOptions = GlobalOptions & { to: string; name?: string; dryRun?: true; output: string };

/** Deploys what a deployment exposes to another environment, and tells what is another thing there. */
export async function promote(terminal: Terminal, word: string, options: PromoteOptions): Promise<void> {
  const { client } = await openSession(terminal, options);
  const { deployment_id } = await findOne(kindOf('deployment'), client, word);
  const params = { path: { deployment_id: String(deployment_id) }, query: { dry_run: options.dryRun === true } };
  const body = { environment: options.to, ...(options.name !== undefined && { name: options.name }) };
  const promotion = await answered(client.promoteDeployment({ params, body }));
  if (options.output === 'json') return terminal.out(`${JSON.stringify(promotion, null, 2)}\n`);
  terminal.out(`${linesOf(promotion, options.dryRun === true).join('\n')}\n`);
}

function linesOf({ deployment, action, from, to, revision, tools, policies }: Promotion, isDryRun: boolean): string[] {
  const said = { attached: `attached to the API in ${to}`, present: 'there as well', only_there: `not in ${from}` };
  return [
    `Deployment/${deployment.name ?? deployment.deployment_id} ${action}${isDryRun ? ' (dry run)' : ''}`,
    `    revision: ${revision.before ?? '(none)'} → ${revision.after}`,
    ...tools.added.map((name) => `  + tool ${name}`),
    ...tools.removed.map((name) => `  - tool ${name}`),
    ...tools.changed.map((name) => `  ~ tool ${name}`),
    ...policies.map(({ name, kind, action: what }) => `  ${what === 'attached' ? '+' : ' '} policy ${name} (${kind}): ${said[what]}`),
  ];
}
