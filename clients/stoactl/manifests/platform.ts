import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import type { Api, Deployment, GatewayKey, Policy, Subscription } from '@stoa/generated/schemas.ts';
import { allItems } from '../find.ts';
import { kindOf } from '../kinds.ts';
import type { Item } from '../kinds.ts';
import { manifestKinds } from './manifest.ts';
import type { ManifestKind } from './manifest.ts';

/** What the Control Plane has at present, by kind and name, and what was made meanwhile. */
export type Platform = {
  readonly items: ReadonlyMap<ManifestKind, ReadonlyMap<string, Item>>;
  idOf(kind: ManifestKind, name: string): string | undefined;
  apiName(id: string): string;
  /** Something that was just made can be referred to. */
  made(kind: ManifestKind, name: string, id: string): void;
};

export async function readPlatform(client: ControlPlaneClient): Promise<Platform> {
  const lists = await Promise.all(manifestKinds.map(async (kind) => [kind, await allItems(kindOf(kind), client)] as const));
  const items = new Map(lists.map(([kind, all]) => [kind, byName(kind, all)]));
  const ids = new Map(
    lists.flatMap(([kind, all]) => all.map((item) => [`${kind}/${kindOf(kind).nameOf(item)}`, String(item[kindOf(kind).id])] as const)),
  );
  const apis = new Map([...(items.get('Api') ?? [])].map(([name, item]) => [(item as Api).api_id, name]));
  return {
    items,
    idOf: (kind, name) => ids.get(`${kind}/${name}`),
    apiName: (id) => apis.get(id) ?? id,
    made: (kind, name, id) => void ids.set(`${kind}/${name}`, id),
  };
}

/** Of keys of one name the newest that is good is meant; the others are not there. */
function byName(kind: ManifestKind, all: readonly Item[]): ReadonlyMap<string, Item> {
  const good = kind === 'GatewayKey' ? all.filter((item) => (item as GatewayKey).state === 'valid') : all;
  return new Map(good.map((item) => [kindOf(kind).nameOf(item), item]));
}

/** The labels that something is selected by: a subscription and a deployment have those of their API. */
export function labelsOf(kind: ManifestKind, item: Item, platform: Platform): Readonly<Record<string, string>> {
  if (kind !== 'Subscription' && kind !== 'Deployment') return (item as { labels?: Policy['labels'] }).labels ?? {};
  const api = platform.items.get('Api')?.get(platform.apiName((item as Subscription | Deployment).api_id));
  return (api as Api | undefined)?.labels ?? {};
}
