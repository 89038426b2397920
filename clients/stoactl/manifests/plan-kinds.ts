import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { configPath } from '@stoa/client-config/config-path.ts';
import { writeDurably } from '@stoa/lib/durable-file.ts';
import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import { answered, deploymentOf, tagged } from '../answered.ts';
import type { Terminal } from '../terminal.ts';
import { differences } from './differences.ts';
import type { FieldChange } from './differences.ts';
import { toManifest } from './export-manifest.ts';
import { idOf, nameOf } from './manifest.ts';
import type {
  ConsumerManifest,
  DeploymentManifest,
  GatewayKeyManifest,
  PlatformManifest,
  ManifestKind,
  PlanManifest,
  PolicyManifest,
  SubscriptionManifest,
  TeamManifest,
} from './manifest.ts';
import type { Platform } from './platform.ts';
import { told, unlessChanged } from './step.ts';
import type { Step } from './step.ts';

export type PlanContext = {
  client: ControlPlaneClient;
  terminal: Terminal;
  platform: Platform;
  /** Teams that these manifests make: before they are applied the server knows of none. */
  teams: ReadonlySet<string>;
  /** Where the secrets of new gateway keys go, a file each. */
  keyDir: string;
};

/** By default beside the contexts, where nobody else reads. */
export const defaultKeyDir = (terminal: Terminal, context: string): string => join(dirname(configPath(terminal.env)), 'gateway-keys', context);

/** What both halves of a change need: the present thing as a manifest, and its entity tag. */
type Read<T> = () => Promise<{ body: T; etag: string | undefined }>;
type Header = { 'If-Match'?: string };

async function planChange<T extends object>(
  kind: ManifestKind,
  manifest: PlatformManifest,
  platform: Platform,
  { read, create, update }: { read: Read<T>; create(): Promise<string>; update(header: Header): Promise<unknown> },
): Promise<Step> {
  const id = idOf(manifest);
  const made = async () => platform.made(kind, nameOf(manifest), await create());
  if (platform.items.get(kind)?.has(nameOf(manifest)) !== true) return { action: 'create', id, changes: [], perform: made };
  const { body, etag } = await read();
  const manifestOf = (item: T) => toManifest(kind, item as Record<string, unknown>, platform);
  const before = manifestOf(body);
  const changes = differences(before, manifest);
  if (changes.length === 0) return { action: 'unchanged', id, changes };
  const perform = () =>
    unlessChanged(
      before,
      async () => manifestOf((await read()).body),
      () => update(etag === undefined ? {} : { 'If-Match': etag }),
    );
  return { action: 'update', id, changes, perform };
}

export function planTeam({ client, platform }: PlanContext, manifest: TeamManifest): Promise<Step> {
  const { name } = manifest.metadata;
  const { description, members = [], environments = [] } = manifest.spec ?? {};
  const path = { team: name };
  return planChange('Team', manifest, platform, {
    read: () => tagged(client.getTeam({ params: { path } })),
    create: async () =>
      (await answered(client.createTeam({ body: { name, members, environments, ...(description !== undefined && { description }) } }))).name,
    update: (header) => answered(client.editTeam({ params: { path, header }, body: { description: description ?? null, members, environments } })),
  });
}

export function planConsumer({ client, platform }: PlanContext, manifest: ConsumerManifest): Promise<Step> {
  const { name, labels = {} } = manifest.metadata;
  const { team, certificates = [], tool_exposure = 'full' } = manifest.spec ?? {};
  const path = { consumer_id: platform.idOf('Consumer', name) ?? '' };
  return planChange('Consumer', manifest, platform, {
    read: () => tagged(client.getConsumer({ params: { path } })),
    create: async () =>
      (
        await answered(
          client.createConsumer({
            body: { name, labels, ...(certificates.length > 0 && { certificates }), tool_exposure, ...(team !== undefined && { team }) },
          }),
        )
      ).consumer_id,
    update: (header) =>
      answered(client.editConsumer({ params: { path, header }, body: { labels, certificates, tool_exposure, team: team ?? null } })),
  });
}

export function planPolicy({ client, platform }: PlanContext, manifest: PolicyManifest): Promise<Step> {
  const { name, labels = {} } = manifest.metadata;
  const { policy, attached_to = [] } = manifest.spec;
  const path = { policy_id: platform.idOf('Policy', name) ?? '' };
  // The API may be one that is made just before.
  const body = () => ({
    name,
    labels,
    policy,
    attached_to: attached_to.map(({ api, mcp_server, environment }) => ({
      ...(api !== undefined && { api_id: platform.idOf('Api', api) ?? '' }),
      ...(mcp_server !== undefined && { mcp_server_id: platform.idOf('McpServer', mcp_server) ?? '' }),
      ...(environment !== undefined && { environment }),
    })),
  });
  return planChange('Policy', manifest, platform, {
    read: () => tagged(client.getPolicy({ params: { path } })),
    create: async () => (await answered(client.createPolicy({ body: body() }))).policy_id,
    update: (header) => answered(client.updatePolicy({ params: { path, header }, body: body() })),
  });
}

/** The server is asked by a dry run whether it takes the plan, where all that it holds is there already. */
export async function planPlan({ client, platform }: PlanContext, manifest: PlanManifest): Promise<Step> {
  const { name, labels = {} } = manifest.metadata;
  const { description, apis = [], policies = [] } = manifest.spec;
  const path = { plan_id: platform.idOf('Plan', name) ?? '' };
  // Some of them may be made just before.
  const parts = () => ({
    labels,
    api_ids: apis.map((api) => platform.idOf('Api', api) ?? ''),
    policy_ids: policies.map((policy) => platform.idOf('Policy', policy) ?? ''),
  });
  const wanted = () => ({ name, ...(description !== undefined && { description }), ...parts() });
  const query = { dry_run: true };
  if (Object.values(parts()).every((part) => !Array.isArray(part) || !part.includes('')))
    await (path.plan_id === ''
      ? answered(client.createPlan({ params: { query }, body: wanted() }))
      : answered(client.editPlan({ params: { path, query }, body: parts() })));
  return planChange('Plan', manifest, platform, {
    read: () => tagged(client.getPlan({ params: { path } })),
    create: async () => (await answered(client.createPlan({ body: wanted() }))).plan_id,
    update: (header) => answered(client.editPlan({ params: { path, header }, body: { description: description ?? null, ...parts() } })),
  });
}

export function planDeployment({ client, platform }: PlanContext, manifest: DeploymentManifest): Promise<Step> {
  const { name } = manifest.metadata;
  const { api, targets, revision = 'newest', drift = 'repair', public_path } = manifest.spec;
  const path = { deployment_id: platform.idOf('Deployment', name) ?? '' };
  return planChange('Deployment', manifest, platform, {
    read: () => tagged(client.getDeployment({ params: { path } })),
    create: async () =>
      deploymentOf(
        await answered(
          client.createDeployment({
            body: { name, api_id: platform.idOf('Api', api) ?? '', targets, revision, drift, ...(public_path && { public_path }) },
          }),
        ),
      ).deployment_id,
    update: (header) =>
      answered(client.updateDeployment({ params: { path, header }, body: { targets, revision, drift, public_path: public_path ?? null } })),
  }).then((step) => refuseChangeOf(step, ['spec.api'], 'is of another API: give the deployment of this one another name'));
}

export function planSubscription({ client, platform }: PlanContext, manifest: SubscriptionManifest): Promise<Step> {
  const { consumer, api, plan, mcp_server } = manifest.spec;
  const present = platform.items.get('Subscription')?.has(nameOf(manifest)) === true;
  if (present) return Promise.resolve({ action: 'unchanged', id: idOf(manifest), changes: [] });
  const offer = () => {
    if (mcp_server !== undefined) return { mcp_server_name: mcp_server };
    return plan === undefined ? { api_id: platform.idOf('Api', api ?? '') ?? '' } : { plan_name: plan };
  };
  const perform = () => answered(client.createSubscription({ body: { ...offer(), consumer_name: consumer } })).then(() => undefined);
  return Promise.resolve({ action: 'create', id: idOf(manifest), changes: [], perform });
}

export async function planGatewayKey({ client, platform, keyDir }: PlanContext, manifest: GatewayKeyManifest): Promise<Step> {
  const { name } = manifest.metadata;
  const file = join(keyDir, `${name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^\.+/, '')}.key`);
  const present = platform.items.get('GatewayKey')?.get(name);
  if (present !== undefined) {
    const changes = differences(toManifest('GatewayKey', present, platform), manifest);
    return refuseChangeOf(
      { action: changes.length === 0 ? 'unchanged' : 'update', id: idOf(manifest), changes },
      ['spec'],
      'cannot change what it is good for: revoke it (stoactl delete gateway-key), and apply again',
    );
  }
  const perform = async () => {
    await mkdir(keyDir, { recursive: true, mode: 0o700 });
    await writeDurably(file, `${(await answered(client.createGatewayKey({ body: { name, ...manifest.spec } }))).secret}\n`);
  };
  return { action: 'create', id: idOf(manifest), changes: [], notes: [`${idOf(manifest)}: the secret of a new key goes to ${file}.`], perform };
}

function refuseChangeOf(step: Step, fields: readonly string[], remedy: string): Step {
  const refused: FieldChange[] = step.changes.filter(({ field }) => fields.some((each) => field === each || field.startsWith(`${each}.`)));
  if (refused.length > 0) throw new Error(`${remedy} (${told(refused).join(', ')})`);
  return step;
}
