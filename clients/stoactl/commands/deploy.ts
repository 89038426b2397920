import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import type { Deployment, DeploymentDryRun, DeploymentRequest, DryRunOnGateway, TargetSelector } from '@stoa/generated/schemas.ts';
import { answered } from '../answered.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { findOne } from '../find.ts';
import { kindOf } from '../kinds.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import { printable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export type DeployOptions = GlobalOptions & {
  environment?: string[];
  mode?: string[];
  instance?: string[];
  label?: string[];
  revision?: number;
  name?: string;
  drift?: DeploymentRequest['drift'];
  publicPath?: string;
  publicHost?: string;
  keepPath?: true;
  update?: true;
  dryRun?: true;
  output: string;
};

/** Deploys an API; with `--dry-run` tells what each gateway would do, and ends with 1 where one could not or would not say, or there is none. */
export async function deploy(terminal: Terminal, word: string, options: DeployOptions): Promise<number> {
  const targets = targetsOf(options);
  if (options.update === true && options.dryRun === true)
    throw new CommandError(
      'usage',
      '--update cannot be tried with --dry-run: write a manifest, and see what it would change with stoactl diff -f FILE.',
    );
  const { client } = await openSession(terminal, options);
  const { api_id } = await findOne(kindOf('api'), client, word);
  const { name, revision, drift, dryRun = false } = options;
  const body = {
    api_id: String(api_id),
    targets,
    ...(name !== undefined && { name }),
    ...(revision !== undefined && { revision }),
    ...(drift && { drift }),
    ...publicPathOf(options),
  };
  if (options.update === true) return update(terminal, client, body, options);
  const answer: Deployment | DeploymentDryRun = await answered(client.createDeployment({ params: { query: dryRun ? { dry_run: true } : {} }, body }));
  if (!('deployment' in answer)) return tell(terminal, answer, 'created', options);
  if (options.output === 'json') terminal.out(`${JSON.stringify(answer, null, 2)}\n`);
  if (options.output !== 'json') terminal.out(`${linesOf(answer).map(printable).join('\n')}\n`);
  const isSure = answer.gateways.every(({ state }) => state === 'planned' || state === 'unchanged');
  return isSure && answer.gateways.length > 0 ? 0 : exitCodes.failed;
}

function tell(terminal: Terminal, deployment: Deployment, done: 'created' | 'updated', { output }: DeployOptions): number {
  if (output === 'json') terminal.out(`${JSON.stringify(deployment, null, 2)}\n`);
  else terminal.out(`deployment/${printable(deployment.name ?? deployment.deployment_id)} ${done}\n`);
  for (const warning of deployment.warnings ?? []) terminal.err(`${printable(warning)}\n`);
  return 0;
}

/** Changes what is deployed to the same targets. What the options do not name stays. */
async function update(
  terminal: Terminal,
  client: ControlPlaneClient,
  { api_id, targets, ...changes }: DeploymentRequest,
  options: DeployOptions,
): Promise<number> {
  const { items } = await answered(client.listDeployments({ params: { query: { api_id, limit: 500 } } }));
  const found = items.find((each) => canonicalJson(each.targets) === canonicalJson(targets));
  if (found === undefined) throw new CommandError('notFound', 'It is not deployed to these targets: leave --update out to deploy it there.');
  if (Object.keys(changes).length === 0)
    throw new CommandError('usage', 'Say what --update shall change: --name, --revision, --drift, --public-path or --public-host.');
  const path = { deployment_id: found.deployment_id };
  return tell(terminal, await answered(client.updateDeployment({ params: { path }, body: changes })), 'updated', options);
}

function targetsOf({ environment, mode, instance, label = [] }: DeployOptions): TargetSelector {
  const labels = label.map((text) => text.split(/=(.*)/s).slice(0, 2) as [string, string | undefined]);
  const wrong = labels.findIndex(([key, value]) => key === '' || value === undefined);
  if (wrong !== -1) throw new CommandError('usage', `A label is KEY=VALUE: "${label[wrong]}" is none.`);
  const targets = {
    ...(environment && { environments: environment }),
    ...(mode && { modes: mode as TargetSelector['modes'] }),
    ...(instance && { instance_names: instance }),
    ...(labels.length > 0 && { labels: Object.fromEntries(labels) as Record<string, string> }),
  };
  if (Object.keys(targets).length === 0) throw new CommandError('usage', 'Say where: --environment, --mode, --instance or --label.');
  return targets as TargetSelector;
}

function publicPathOf({ publicPath, publicHost, keepPath }: DeployOptions): Pick<DeploymentRequest, 'public_path'> {
  if (keepPath === true && publicPath === undefined) throw new CommandError('usage', '--keep-path says what becomes of a --public-path: give one.');
  const wanted = {
    ...(publicPath !== undefined && { prefix: publicPath }),
    ...(publicHost !== undefined && { host: publicHost }),
    ...(keepPath === true && { strip: false }),
  };
  return Object.keys(wanted).length === 0 ? {} : { public_path: wanted };
}

const signs = { put: '+', patch: '~', delete: '-' } as const;

function linesOf({ deployment, gateways }: DeploymentDryRun): string[] {
  const head = `Deployment/${deployment.name ?? ''} (dry run)`;
  return gateways.length === 0 ? [head, '  No gateway fits the targets at present.'] : [head, ...gateways.flatMap(linesOfGateway)];
}

function linesOfGateway({
  instance_name,
  gateway_mode,
  state,
  told_by,
  writes,
  more_writes: more = 0,
  items,
  reason,
  last_seen_at,
}: DryRunOnGateway): string[] {
  const seen = last_seen_at === undefined ? '' : ` Last seen ${last_seen_at}.`;
  const why = reason === undefined ? '' : `: ${reason}${seen}`;
  return [
    `  ${instance_name} (${gateway_mode}): ${state}${told_by === 'capability' ? ', as runtimes of this mode can' : ''}${why}`,
    ...writes.map(({ action, object, detail }) => `    ${signs[action]} ${object}${detail === undefined ? '' : `: ${detail}`}`),
    ...(more > 0 ? [`    and ${more} more`] : []),
    ...items.map(({ id, state: what, reason: because }) => `    ! ${id} ${what}${because === undefined ? '' : `: ${because}`}`),
  ];
}
