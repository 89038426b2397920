import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createSchemaFaults } from '@stoa/lib/schema-faults.ts';
import schema from '@stoa/generated/manifests.schema.json' with { type: 'json' };
import { isNode, LineCounter, parseAllDocuments } from 'yaml';
import type { Document } from 'yaml';
import { CommandError } from '../exit-codes.ts';
import { readInput } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { idOf, manifestKinds, nameOf } from './manifest.ts';
import type { PlatformManifest, ManifestKind, Sourced, SubscriptionManifest } from './manifest.ts';

const maxFiles = 10_000;
const maxBytes = 64 * 1024 * 1024;
const { document, faultsOf } = createSchemaFaults<typeof schema>(schema, '$defs');

/** Every manifest of files, of folders and what is below them, or with `-` of stdin. Throws a `CommandError` that tells every fault of every document. */
export async function readManifests(terminal: Terminal, places: readonly string[]): Promise<Sourced[]> {
  const faults: string[] = [];
  const found: Sourced[] = [];
  for (const place of places) {
    for (const { name, folder, text } of await textsOf(terminal, place)) found.push(...manifestsOf(name, folder, text, faults));
  }
  const byId = Map.groupBy(found, ({ manifest }) => idOf(manifest));
  for (const [id, same] of byId) if (same.length > 1) faults.push(`${same[1]?.at()}: ${id} stands in ${same[0]?.at()} already: keep one of them.`);
  if (faults.length > 0) throw new CommandError('failed', `${faults.join('\n')}\nNothing was applied.`);
  if (found.length === 0) throw new CommandError('usage', `There is no manifest in ${places.join(', ')}.`);
  return found;
}

type Text = { name: string; folder: string; text: string };

async function textsOf(terminal: Terminal, place: string): Promise<Text[]> {
  if (place === '-') return [{ name: 'stdin', folder: process.cwd(), text: await readInput(terminal) }];
  const one = async (file: string): Promise<Text> => ({ name: file, folder: dirname(file), text: await readFile(file, 'utf8') });
  try {
    const status = await stat(place);
    if (!status.isDirectory()) {
      if (status.size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
      return [await one(place)];
    }
    const names = (await readdir(place, { recursive: true })).filter((name) => /\.(ya?ml|json)$/.test(name)).sort();
    if (names.length > maxFiles) throw new Error(`it holds more than ${maxFiles} files`);
    const texts = await Promise.all(names.map((name) => one(join(place, name))));
    // Beside manifests lie the documents that they refer to.
    return texts.filter(({ text }) => /^\s*["']?apiVersion["']?\s*:/m.test(text));
  } catch (error) {
    throw new CommandError('usage', `${place} cannot be read: ${(error as Error).message}.`);
  }
}

function manifestsOf(name: string, folder: string, text: string, faults: string[]): Sourced[] {
  const lines = new LineCounter();
  // Many of them are written in JSON, one after the other, where YAML wants a line between.
  const separated = name.endsWith('.json') ? text.replaceAll(/^\}\s*\n(?=\{)/gm, '}\n---\n') : text;
  const documents = parseAllDocuments(separated, { lineCounter: lines });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    if (document.contents === null) return [];
    const lineOf = (offset: number): string => `${name}:${lines.linePos(offset).line}`;
    if (document.errors.length > 0) {
      faults.push(...document.errors.map((error) => `${lineOf(error.pos[0])}: ${error.message.split('\n')[0]}`));
      return [];
    }
    const at = (path: readonly (string | number)[] = []): string => lineOf(offsetOf(document, path));
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    const found = faultsOfManifest(value);
    faults.push(...found.map(({ path, message }) => `${at(path)}: ${path.join('.')} ${message}`.replace(':  ', ': ')));
    return found.length > 0 ? [] : [{ manifest: value as PlatformManifest, folder, at }];
  });
}

/** Where a member begins; one that is missing is looked for where it would be. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

type Fault = { path: (string | number)[]; message: string };

export function faultsOfManifest(value: unknown): Fault[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [{ path: [], message: 'A manifest must be a mapping with apiVersion and kind.' }];
  const { kind } = value as { kind?: unknown };
  if (!manifestKinds.includes(kind as ManifestKind)) return [{ path: ['kind'], message: `must be one of ${manifestKinds.join(', ')}` }];
  const definitions = document.$defs as Record<string, object>;
  const found: Fault[] = faultsOf((definitions[`${String(kind)}Manifest`] ?? {}) as Parameters<typeof faultsOf>[0], value, '').map(
    ({ pointer, message }) => ({
      path: pointer
        .split('/')
        .slice(1)
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')),
      message,
    }),
  );
  const manifest = value as PlatformManifest;
  return manifest.kind === 'Subscription' ? subscriptionFaults(manifest, found) : found;
}

/** In plain words, what the schema says by a number of members; and that it goes by no other name than its own. */
function subscriptionFaults(manifest: SubscriptionManifest, found: Fault[]): Fault[] {
  const spec: unknown = manifest.spec;
  const offers = typeof spec === 'object' && spec !== null ? ['api', 'plan', 'mcp_server', 'tool_set'].filter((offer) => offer in spec) : [];
  if (typeof spec === 'object' && spec !== null && offers.length !== 1)
    return [
      ...found.filter(({ path }) => path.join() !== 'spec'),
      { path: ['spec'], message: 'must name an api, a plan, an mcp_server or a tool_set, and one alone' },
    ];
  if (found.length > 0 || manifest.metadata?.name === undefined) return found;
  const right = nameOf(manifest);
  return manifest.metadata.name === right ? [] : [{ path: ['metadata', 'name'], message: `must be ${right}, or left out` }];
}
