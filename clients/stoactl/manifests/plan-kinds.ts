import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { configPath } from '@stoa/client-config/config-path.ts';
import { writeDurably } from '@stoa/lib/durable-file.ts';
import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import { answered, tagged } from '../answered.ts';
import { RefusedInput } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { differences } from './differences.ts';
import type { FieldChange } from './differences.ts';
import { toManifest } from './export-manifest.ts';
import { idOf, nameOf } from './manifest.ts';
import type {
  ConsumerManifest,
  GatewayKeyManifest,
  PlatformManifest,
  ManifestKind,
  PlanManifest,
  PolicyManifest,
  SubscriptionManifest,
  TeamManifest,
} from './manifest.ts';
import type { Platform } from './platform.ts';
import { noted, told, unlessChanged } from './step.ts';
import type { Step } from './step.ts';

export type PlanContext = {
  client: ControlPlaneClient;
  terminal: Terminal;
  platform: Platform;
  /** Teams that these manifests make: before they are applied the server knows of none. */
  teams: ReadonlySet<string>;
  /** What these manifests make or change, of what was planned so far: `Api/shop`. */
  changing: Set<string>;
  /** Where the secrets of new gateway keys go, a file each. */
  keyDir: string;
  /** Whether nothing is applied afterwards: then the server is asked about everything. */
  isDry: boolean;
};

/** By default beside the contexts, where nobody else reads. */
export const defaultKeyDir = (terminal: Terminal, context: string): string => join(dirname(configPath(terminal.env)), 'gateway-keys', context);

/** What both halves of a change need: the present thing as a manifest, and its entity tag. */
type Read<T> = () => Promise<{ body: T; etag: string | undefined }>;
export type Header = { 'If-Match'?: string };
export type Query = { dry_run?: true };
export const rehearsal: Query = { dry_run: true };

type Change<T> = {
  read: Read<T>;
  create(query: Query): Promise<{ id: string; warnings?: readonly string[] }>;
  update(query: Query, header: Header): Promise<{ warnings?: readonly string[] }>;
  /** Asks the server by a dry run what would come of it; what is to be known of it. */
  rehearse?(isNew: boolean): Promise<readonly string[]>;
};

export async function planChange<T extends object>(
  { isDry, platform }: PlanContext,
  kind: ManifestKind,
  manifest: PlatformManifest,
  { read, create, update, rehearse }: Change<T>,
): Promise<Step> {
  const id = idOf(manifest);
  const isNew = platform.items.get(kind)?.has(nameOf(manifest)) !== true;
  if (isNew) {
    const tried = async () => (await create(rehearsal)).warnings;
    const warnings = rehearse !== undefined ? await rehearse(true) : isDry ? await tried() : [];
    const perform = async () => {
      const made = await create({});
      platform.made(kind, nameOf(manifest), made.id);
      return noted(id, made);
    };
    return { action: 'create', id, changes: [], notes: noted(id, { warnings }), perform };
  }
  const { body, etag } = await read();
  const manifestOf = (item: T) => toManifest(kind, item as Record<string, unknown>, platform);
  const before = manifestOf(body);
  const changes = differences(before, manifest);
  if (changes.length === 0) return { action: 'unchanged', id, changes };
  const header = etag === undefined ? {} : { 'If-Match': etag };
  const warnings = rehearse !== undefined ? await rehearse(false) : isDry ? (await update(rehearsal, header)).warnings : [];
  const now = async () => manifestOf((await read()).body);
  const perform = async () => noted(id, await unlessChanged(before, now, () => update({}, header)));
  return { action: 'update', id, changes, notes: noted(id, { warnings }), perform };
}

/** A team that is made just before is not there yet in a dry run. */
const teamIn = ({ teams }: PlanContext, team: string | undefined, { dry_run: isDry }: Query): string | undefined =>
  isDry === true && team !== undefined && teams.has(team) ? undefined : team;

export function planTeam(context: PlanContext, manifest: TeamManifest): Promise<Step> {
  const { client } = context;
  const { name } = manifest.metadata;
  const { description, members = [], environments = [] } = manifest.spec ?? {};
  const path = { team: name };
  const body = { name, members, environments, ...(description !== undefined && { description }) };
  return planChange(context, 'Team', manifest, {
    read: () => tagged(client.getTeam({ params: { path } })),
    create: async (query) => ({ id: (await answered(client.createTeam({ params: { query }, body }))).name }),
    async update(query, header) {
      await answered(client.editTeam({ params: { path, query, header }, body: { description: description ?? null, members, environments } }));
      return {};
    },
  });
}

export function planConsumer(context: PlanContext, manifest: ConsumerManifest): Promise<Step> {
  const { client, platform } = context;
  const { name, labels = {} } = manifest.metadata;
  const { team, certificates = [], tool_exposure = 'full' } = manifest.spec ?? {};
  const path = { consumer_id: platform.idOf('Consumer', name) ?? '' };
  const common = { labels, tool_exposure };
  return planChange(context, 'Consumer', manifest, {
    read: () => tagged(client.getConsumer({ params: { path } })),
    async create(query) {
      const owner = teamIn(context, team, query);
      const body = { name, ...common, ...(certificates.length > 0 && { certificates }), ...(owner !== undefined && { team: owner }) };
      return { id: (await answered(client.createConsumer({ params: { query }, body }))).consumer_id };
    },
    async update(query, header) {
      const owner = teamIn(context, team, query);
      const body = { ...common, certificates, ...(owner === team && { team: team ?? null }) };
      await answered(client.editConsumer({ params: { path, query, header }, body }));
      return {};
    },
  });
}

export function planPolicy(context: PlanContext, manifest: PolicyManifest): Promise<Step> {
  const { client, platform, changing } = context;
  const { name, labels = {} } = manifest.metadata;
  const { policy, attached_to = [] } = manifest.spec;
  const path = { policy_id: platform.idOf('Policy', name) ?? '' };
  // The API may be one that is made just before.
  const attachments = () =>
    attached_to.map(({ api, mcp_server, environment }) => ({
      ...(api !== undefined && { api_id: platform.idOf('Api', api) ?? '' }),
      ...(mcp_server !== undefined && { mcp_server_id: platform.idOf('McpServer', mcp_server) ?? '' }),
      ...(environment !== undefined && { environment }),
    }));
  const create = (query: Query, to: ReturnType<typeof attachments>) =>
    answered(client.createPolicy({ params: { query }, body: { name, labels, policy, attached_to: to } }));
  const update = (query: Query, header: Header, to: ReturnType<typeof attachments>) =>
    answered(client.updatePolicy({ params: { path, query, header }, body: { name, labels, policy, attached_to: to } }));
  return planChange(context, 'Policy', manifest, {
    read: () => tagged(client.getPolicy({ params: { path } })),
    async create(query) {
      const { policy_id: id, warnings = [] } = await create(query, attachments());
      return { id, warnings };
    },
    update: (query, header) => update(query, header, attachments()),
    async rehearse(isNew) {
      const tried = async (to: ReturnType<typeof attachments>) => (await (isNew ? create(rehearsal, to) : update(rehearsal, {}, to))).warnings ?? [];
      const isAllThere = attachments().every(({ api_id: api, mcp_server_id: server }) => api !== '' && server !== '');
      if (!isAllThere) return tried([]);
      return unlessComing(
        attached_to.some(({ api, mcp_server: server }) => changing.has(`Api/${api}`) || changing.has(`McpServer/${server}`)),
        () => tried(attachments()),
        () => tried([]),
      );
    },
  });
}

/** What the server does not take as things are may be right once what these manifests make or change is there: then it is asked for less. */
export async function unlessComing<T>(isComing: boolean, whole: () => Promise<T>, less: () => Promise<T>): Promise<T> {
  try {
    return await whole();
  } catch (error) {
    if (!isComing || !(error instanceof RefusedInput)) throw error;
    return less();
  }
}

/** The server is asked by a dry run whether it takes the plan, where all that it holds is there already. */
export function planPlan(context: PlanContext, manifest: PlanManifest): Promise<Step> {
  const { client, platform } = context;
  const { name, labels = {} } = manifest.metadata;
  const { description, apis = [], policies = [] } = manifest.spec;
  const path = { plan_id: platform.idOf('Plan', name) ?? '' };
  // Some of them may be made just before.
  const parts = () => ({
    labels,
    api_ids: apis.map((api) => platform.idOf('Api', api) ?? ''),
    policy_ids: policies.map((policy) => platform.idOf('Policy', policy) ?? ''),
  });
  const create = (query: Query) =>
    answered(client.createPlan({ params: { query }, body: { name, ...(description !== undefined && { description }), ...parts() } }));
  const update = (query: Query, header: Header) =>
    answered(client.editPlan({ params: { path, query, header }, body: { description: description ?? null, ...parts() } }));
  return planChange(context, 'Plan', manifest, {
    read: () => tagged(client.getPlan({ params: { path } })),
    create: async (query) => ({ id: (await create(query)).plan_id }),
    async update(query, header) {
      await update(query, header);
      return {};
    },
    async rehearse(isNew) {
      const { api_ids: apiIds, policy_ids: policyIds } = parts();
      if (![...apiIds, ...policyIds].includes('')) await (isNew ? create(rehearsal) : update(rehearsal, {}));
      return [];
    },
  });
}

export function planSubscription({ client, platform, isDry }: PlanContext, manifest: SubscriptionManifest): Promise<Step> {
  const { consumer, api, plan, mcp_server, tool_set } = manifest.spec;
  const id = idOf(manifest);
  if (platform.items.get('Subscription')?.has(nameOf(manifest)) === true) return Promise.resolve({ action: 'unchanged', id, changes: [] });
  const offer = () => {
    if (mcp_server !== undefined) return { mcp_server_name: mcp_server };
    if (tool_set !== undefined) return { tool_set_name: tool_set };
    return plan === undefined ? { api_id: platform.idOf('Api', api ?? '') ?? '' } : { plan_name: plan };
  };
  const create = async (query: Query) => {
    await answered(client.createSubscription({ params: { query }, body: { ...offer(), consumer_name: consumer } }));
  };
  const needed = [
    ['Consumer', consumer],
    ['Api', api],
    ['Plan', plan],
    ['McpServer', mcp_server],
    ['ToolSet', tool_set],
  ] as const;
  const isAllThere = needed.every(([kind, name]) => name === undefined || platform.idOf(kind, name) !== undefined);
  const step: Step = { action: 'create', id, changes: [], perform: () => create({}) };
  return isDry && isAllThere ? create(rehearsal).then(() => step) : Promise.resolve(step);
}

export async function planGatewayKey(context: PlanContext, manifest: GatewayKeyManifest): Promise<Step> {
  const { client, platform, keyDir, isDry } = context;
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
  const mint = (query: Query) => {
    const { team, ...spec } = manifest.spec ?? {};
    const owner = teamIn(context, team, query);
    return answered(client.createGatewayKey({ params: { query }, body: { name, ...spec, ...(owner !== undefined && { team: owner }) } }));
  };
  if (isDry) await mint(rehearsal);
  const perform = async () => {
    await mkdir(keyDir, { recursive: true, mode: 0o700 });
    await writeDurably(file, `${(await mint({})).secret}\n`);
  };
  return { action: 'create', id: idOf(manifest), changes: [], notes: [`${idOf(manifest)}: the secret of a new key goes to ${file}.`], perform };
}

export function refuseChangeOf(step: Step, fields: readonly string[], remedy: string): Step {
  const refused: FieldChange[] = step.changes.filter(({ field }) => fields.some((each) => field === each || field.startsWith(`${each}.`)));
  if (refused.length > 0) throw new Error(`${remedy} (${told(refused).join(', ')})`);
  return step;
}
