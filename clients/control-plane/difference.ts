import { createHash } from 'node:crypto';
import type { ConfigEntry, ConfigManifest, SigningKey } from '@stoa/generated/schemas.ts';
import { validateConfigEntry, validateConfigManifest } from '@stoa/generated/validators.js';
import { createBreath } from '@stoa/lib/slices.ts';
import type { Breath } from '@stoa/lib/slices.ts';
import { byId } from './held-item.ts';
import type { Held } from './held-item.ts';
import { linesOf } from './lines.ts';
import { listHash } from './list-hash.ts';
import { readHeld } from './read-held.ts';
import { parseJson } from './parse-json.ts';
import { assembleSlowly } from './verified-state.ts';
import type { VerifiedState } from './verified-state.ts';
import { shapeFault, signatureFault } from './verify-config.ts';
import type { Fault } from './verify-config.ts';

/** A state; or what is wrong with it; or that it is not one to which the answer leads from what is at hand, though asking for all may bring it. */
export type DifferenceReading = { state: VerifiedState } | Fault | Misfit;
export type Misfit = { misfit: string; known: NonNullable<Fault['known']> };

export type Asked = {
  readonly gatewayId: string;
  readonly trustedKeys: readonly SigningKey[];
  /** The hash that the difference was asked for, which is that of `before` or of nothing. */
  readonly base: string;
  readonly before: VerifiedState | undefined;
};

/** What a manifest may list. */
const maxEntries = 250_000;

/**
 * Reads a difference in the order in which it can be trusted: the manifest, whose signature is over the hash of the list of items; the list that
 * comes of it, by that hash; each item, by its own. Only then an item is parsed, and only one that is not at hand. Never holds the event loop for
 * long. No network, no disk, no throw.
 */
export async function readDifference(body: Buffer, asked: Asked): Promise<DifferenceReading> {
  const breath = createBreath();
  const lines = linesOf(body);
  try {
    const first = await lines.next();
    const manifest = first.done === true ? undefined : await readManifest(first.value, breath);
    if (manifest === undefined || 'fault' in manifest) return manifest ?? { fault: 'the answer is empty', phase: 'fetch', known: undefined };
    return await readItems(manifest, lines, asked, breath);
  } catch (error) {
    return { fault: `the answer cannot be read (${(error as Error).message})`, phase: 'fetch', known: undefined };
  }
}

async function readManifest(line: Buffer, breath: Breath): Promise<ConfigManifest | Fault> {
  const document = (await parseJson(line, breath)) as Partial<Record<string, unknown>> | null;
  const { changed, removed } = document ?? {};
  // The lists are judged for themselves, entry by entry: a validator holds the event loop for all of them.
  const asIfEmpty = { ...document, ...(isList(changed) && { changed: [] }), ...(isList(removed) && { removed: [] }) };
  if (!validateConfigManifest(asIfEmpty)) return { fault: shapeFault(validateConfigManifest), phase: 'validate', known: undefined };
  const manifest = document as ConfigManifest;
  const known = { generation: manifest.generation, hash: manifest.hash, itemIds: [] };
  for (const entry of manifest.changed) {
    if (!validateConfigEntry(entry)) return { fault: `an item: ${shapeFault(validateConfigEntry)}`, phase: 'validate', known };
    if (breath.isDue()) await breath.take();
  }
  const isText = manifest.removed.every((id: unknown) => typeof id === 'string');
  return isText ? manifest : { fault: 'the document at /removed must hold texts', phase: 'validate', known };
}

const isList = (value: unknown): boolean => Array.isArray(value) && value.length <= maxEntries;

async function readItems(manifest: ConfigManifest, lines: AsyncGenerator<Buffer>, asked: Asked, breath: Breath): Promise<DifferenceReading> {
  const known = { generation: manifest.generation, hash: manifest.hash, itemIds: manifest.changed.slice(0, 1).map(({ id }) => id) };
  const fault =
    manifest.gateway_id === asked.gatewayId ? signatureFault(manifest, asked.trustedKeys) : `the document is for the gateway ${manifest.gateway_id}`;
  if (fault !== undefined) return { fault, phase: 'validate', known };
  if (manifest.base !== undefined && manifest.base !== asked.base)
    return { misfit: 'the answer is a difference to another state than was asked for', known };
  const before = asked.before?.held ?? [];
  const isDifference = manifest.base !== undefined && manifest.base === asked.before?.hash;
  const list = mergeLists(isDifference ? before : [], manifest);
  if (list.length > maxEntries) return { fault: `the state has more than ${maxEntries} items`, phase: 'validate', known };
  if ((await listHash(list, breath)) !== manifest.hash) return { misfit: 'the items do not have the hash that the manifest states', known };
  const held = new Map(before.map((item) => [item.id, item]));
  const fresh = new Map<string, Held>();
  for (const entry of manifest.changed) {
    const line = await lines.next();
    if (line.done === true || line.value.length !== entry.size || hashOf(line.value) !== entry.hash)
      return { misfit: `the item ${entry.id} does not have the hash that the manifest states`, known };
    if (breath.isDue()) await breath.take();
    const old = held.get(entry.id);
    if (old?.hash === entry.hash && old.isMissing !== true) {
      // Nothing of what came as one document was kept item by item.
      if (asked.before?.whole !== undefined) old.unsaved = line.value;
      continue;
    }
    const item = await readHeld(entry, line.value, breath);
    if (item === undefined) return { fault: `the item ${entry.id} is listed under another name than its own`, phase: 'validate', known };
    fresh.set(entry.id, item);
  }
  if ((await lines.next()).done !== true) return { misfit: 'the answer has more items than the manifest names', known };
  const items = list.map((entry) => fresh.get(entry.id) ?? held.get(entry.id)).filter((item) => item !== undefined);
  const { gateway_id, generation, hash, signature } = manifest;
  return { state: await assembleSlowly({ gateway_id, generation, hash, signature, held: items }, asked.before, breath) };
}

const hashOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

type Named = Pick<ConfigEntry, 'id' | 'hash'>;

/** The list that a difference leads to, by id. */
function mergeLists(before: readonly Named[], { changed, removed }: ConfigManifest): readonly Named[] {
  const gone = new Set(removed);
  const added = new Map<string, Named>(changed.map((entry) => [entry.id, entry]));
  if (before.length === 0) return [...added.values()].sort(byId);
  const kept = before.filter(({ id }) => !gone.has(id) && !added.has(id));
  const news = [...added.values()].sort(byId);
  return merge(kept, news);
}

function merge(one: readonly Named[], other: readonly Named[]): Named[] {
  const merged: Named[] = [];
  let at = 0;
  for (const item of other) {
    for (let next = one[at]; next !== undefined && next.id < item.id; next = one[(at += 1)]) merged.push(next);
    merged.push(item);
  }
  for (; at < one.length; at += 1) merged.push(one[at] as Named);
  return merged;
}
