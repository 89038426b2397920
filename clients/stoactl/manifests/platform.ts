import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import type { Api, Deployment, GatewayKey, McpServer, Plan, Policy, Subscription, ToolSet } from '@stoa/generated/schemas.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { allItems } from '../find.ts';
import { kindOf } from '../kinds.ts';
import type { Item } from '../kinds.ts';
import { manifestKinds } from './manifest.ts';
import type { ManifestKind } from './manifest.ts';

/** What the Control Plane has at present, of the kinds that were asked for, by kind and name, and what was made meanwhile. */
export type Platform = {
  readonly items: ReadonlyMap<ManifestKind, ReadonlyMap<string, Item>>;
  /** Of these kinds the sign-in may see nothing, and this is what the server says. */
  readonly hidden: ReadonlyMap<ManifestKind, CommandError>;
  idOf(kind: ManifestKind, name: string): string | undefined;
  /** The id itself for what is not there. */
  nameOf(kind: ManifestKind, id: string): string;
  /** Something that was just made can be referred to. */
  made(kind: ManifestKind, name: string, id: string): void;
};

/** What a kind refers to: a manifest by names, and the server by ids. */
const refersTo: Readonly<Record<ManifestKind, readonly ManifestKind[]>> = {
  Team: [],
  Consumer: [],
  Api: [],
  McpServer: [],
  ToolSet: ['Api', 'McpServer'],
  Policy: ['Api', 'McpServer'],
  Plan: ['Api', 'Policy'],
  TrustedIssuer: ['Consumer'],
  GatewayKey: [],
  Subscription: ['Consumer', 'Api', 'Plan', 'McpServer', 'ToolSet'],
  Deployment: ['Api'],
};

/** Reads the kinds that are wanted, with those that they refer to, and no others: what nobody asks for, he need not have the right to see. */
export async function readPlatform(client: ControlPlaneClient, wanted: readonly ManifestKind[]): Promise<Platform> {
  const hidden = new Map<ManifestKind, CommandError>();
  const read = async (kind: ManifestKind): Promise<Item[]> => {
    try {
      return await allItems(kindOf(kind), client);
    } catch (error) {
      if (!(error instanceof CommandError) || error.exitCode !== exitCodes.forbidden) throw error;
      hidden.set(kind, error);
      return [];
    }
  };
  const kinds = manifestKinds.filter((kind) => wanted.some((each) => each === kind || refersTo[each].includes(kind)));
  const lists = await Promise.all(kinds.map(async (kind) => [kind, await read(kind)] as const));
  const items = new Map(lists.map(([kind, all]) => [kind, byName(kind, all)]));
  const ids = new Map(
    lists.flatMap(([kind, all]) => all.map((item) => [`${kind}/${kindOf(kind).nameOf(item)}`, String(item[kindOf(kind).id])] as const)),
  );
  const names = new Map([...ids].map(([name, id]) => [`${name.slice(0, name.indexOf('/'))}/${id}`, name.slice(name.indexOf('/') + 1)]));
  return {
    items,
    hidden,
    idOf: (kind, name) => ids.get(`${kind}/${name}`),
    nameOf: (kind, id) => names.get(`${kind}/${id}`) ?? id,
    made: (kind, name, id) => void ids.set(`${kind}/${name}`, id),
  };
}

/** Why a kind cannot be told or compared: it is hidden itself, or something is that it refers to. */
export function hiddenBy({ hidden }: Platform, kind: ManifestKind): CommandError | undefined {
  return [kind, ...refersTo[kind]].map((each) => hidden.get(each)).find((error) => error !== undefined);
}

/** @throws CommandError when one of the kinds cannot be told */
export function requireVisible(platform: Platform, kinds: readonly ManifestKind[]): void {
  for (const kind of kinds) {
    const why = hiddenBy(platform, kind);
    if (why !== undefined) throw why;
  }
}

/** Of keys of one name the newest that is good is meant; the others are not there. */
function byName(kind: ManifestKind, all: readonly Item[]): ReadonlyMap<string, Item> {
  const good = kind === 'GatewayKey' ? all.filter((item) => (item as GatewayKey).state === 'valid') : all;
  return new Map(good.map((item) => [kindOf(kind).nameOf(item), item]));
}

/** The labels that something is selected by: a subscription and a deployment have those of their API, plan, MCP server or tool set. */
export function labelsOf(kind: ManifestKind, item: Item, platform: Platform): Readonly<Record<string, string>> {
  if (kind !== 'Subscription' && kind !== 'Deployment') return (item as { labels?: Policy['labels'] }).labels ?? {};
  const { api_id: apiId, plan_id: planId, mcp_server_id: serverId, tool_set_id: setId } = item as Partial<Subscription & Deployment>;
  const ends = { Api: apiId, Plan: planId, McpServer: serverId, ToolSet: setId };
  const [of, id] = Object.entries(ends).find(([, each]) => each !== undefined) ?? ['Api', ''];
  const offer = platform.items.get(of as ManifestKind)?.get(platform.nameOf(of as ManifestKind, id ?? ''));
  return (offer as Api | Plan | McpServer | ToolSet | undefined)?.labels ?? {};
}
