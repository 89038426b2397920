import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import { kindOf, spokenName } from '../kinds.ts';
import type { Item } from '../kinds.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { toManifest } from '../manifests/export-manifest.ts';
import { manifestKinds } from '../manifests/manifest.ts';
import type { ManifestKind } from '../manifests/manifest.ts';
import { plan, planPrune, prunedKinds } from '../manifests/plan.ts';
import { defaultKeyDir } from '../manifests/plan-kinds.ts';
import type { PlanContext } from '../manifests/plan-kinds.ts';
import { hiddenBy, labelsOf, readPlatform, requireVisible } from '../manifests/platform.ts';
import type { Platform } from '../manifests/platform.ts';
import { readManifests } from '../manifests/read-manifests.ts';
import { told } from '../manifests/step.ts';
import type { Step } from '../manifests/step.ts';
import { answered, AwaitsApproval } from '../answered.ts';
import { toYaml } from '../output/yaml.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import { linesOf, printable, progress } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export type ManifestOptions = GlobalOptions & {
  filename: string[];
  prune?: boolean;
  selector?: string[];
  dryRun?: string;
  keyDir?: string;
  yes?: boolean;
};

/** Makes the platform what the manifests say. All of them are judged before any is applied. */
export async function apply(terminal: Terminal, options: ManifestOptions): Promise<number> {
  const { steps, pruned } = await planned(terminal, options);
  const isDry = options.dryRun === 'server';
  if (pruned.length > 0) {
    terminal.err(`These are in no manifest any more and are deleted:\n${pruned.map(({ id }) => `  ${printable(id)}\n`).join('')}`);
    if (!isDry && options.yes !== true && terminal.isPerson.in) await confirm(terminal);
  }
  let waiting = 0;
  for (const step of [...steps, ...pruned]) {
    const done = isDry ? [] : await performed(step);
    if (done instanceof AwaitsApproval) {
      waiting += 1;
      terminal.err(`${printable(step.id)}: ${printable(done.message)}\n`);
      terminal.out(`${printable(step.id)} awaits approval\n`);
      continue;
    }
    for (const note of new Set([...(step.notes ?? []), ...done])) terminal.err(`${printable(note)}\n`);
    terminal.out(`${printable(step.id)} ${words[step.action]}${isDry && step.action !== 'unchanged' ? ' (dry run)' : ''}\n`);
  }
  return waiting === 0 ? 0 : exitCodes.failed;
}

/** What waits for a second person keeps nothing else from being done. */
async function performed({ perform }: Step): Promise<AwaitsApproval | readonly string[]> {
  try {
    return (await perform?.()) ?? [];
  } catch (error) {
    if (error instanceof AwaitsApproval) return error;
    throw error;
  }
}

const words = { create: 'created', update: 'updated', unchanged: 'unchanged', delete: 'deleted' } as const;
const signs = { create: '+', update: '~', unchanged: ' ', delete: '-' } as const;

async function confirm(terminal: Terminal): Promise<void> {
  terminal.err('Delete them? [y/N] ');
  if (!/^y(es)?$/i.test((await linesOf(terminal)()).trim())) throw new CommandError('failed', 'Nothing was applied.');
}

/** Shows what apply would do; ends with 1 when it would do anything. */
export async function diff(terminal: Terminal, options: ManifestOptions): Promise<number> {
  const { steps, pruned } = await planned(terminal, options);
  const different = [...steps, ...pruned].filter(({ action }) => action !== 'unchanged');
  for (const { action, id, changes } of different)
    terminal.out([`${signs[action]} ${printable(id)}`, ...told(changes).map((line) => `    ${printable(line)}`)].join('\n') + '\n');
  return different.length === 0 ? 0 : exitCodes.failed;
}

async function planned(terminal: Terminal, options: ManifestOptions): Promise<{ steps: Step[]; pruned: Step[] }> {
  const labels = selected(options);
  const sourced = await readManifests(terminal, options.filename);
  const { client, context: name } = await openSession(terminal, options);
  progress(terminal, `Comparing ${sourced.length} manifests with the server …`);
  const kinds = sourced.map(({ manifest }) => manifest.kind);
  const platform = await readPlatform(client, options.prune === true ? [...kinds, ...prunedKinds] : kinds);
  requireVisible(platform, kinds);
  const teams = new Set(sourced.flatMap(({ manifest }) => (manifest.kind === 'Team' ? [manifest.metadata.name] : [])));
  const keyDir = options.keyDir ?? defaultKeyDir(terminal, name);
  const changing = new Set<string>();
  const context: PlanContext = { client, terminal, platform, teams, changing, keyDir, isDry: options.dryRun === 'server' };
  const steps = await plan(context, sourced);
  if (options.prune !== true) return { steps, pruned: [] };
  tellHidden(terminal, platform, prunedKinds, 'none of them is deleted');
  return { steps, pruned: planPrune(context, sourced, labels) };
}

/** A part must not be taken for the whole. */
function tellHidden(terminal: Terminal, platform: Platform, kinds: readonly ManifestKind[], so: string): void {
  for (const kind of kinds) {
    const why = hiddenBy(platform, kind);
    if (why !== undefined) terminal.err(`${kindOf(kind).plural}: ${so}, for you may not read all that they are made of. ${why.message}\n`);
  }
}

function selected({ prune, selector = [] }: Pick<ManifestOptions, 'prune' | 'selector'>): [key: string, value: string][] {
  const labels = selector
    .flatMap((text) => text.split(','))
    .map((text): [string, string] => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]);
  if (labels.some(([key]) => key === '')) throw new CommandError('usage', 'A selector is KEY=VALUE, several are parted by commas.');
  if (prune === true && labels.length === 0)
    throw new CommandError('usage', '--prune needs -l KEY=VALUE: it deletes what has the label and is in no manifest any more.');
  return labels;
}

/** Judges manifests by their schema, without a server. */
export async function validate(terminal: Terminal, { filename }: Pick<ManifestOptions, 'filename'>): Promise<void> {
  const sourced = await readManifests(terminal, filename);
  terminal.out(`${sourced.length} manifest${sourced.length === 1 ? ' is' : 's are'} sound.\n`);
}

/** Prints the manifests of what is there: applied to an empty server they make the same, but for secrets. */
export async function exportAll(terminal: Terminal, words: readonly string[], options: GlobalOptions & { selector?: string[] }): Promise<void> {
  const labels = selected(options);
  const named = words.map(manifestKindOf);
  const { client } = await openSession(terminal, options);
  const platform = await readPlatform(client, named.length === 0 ? manifestKinds : named);
  requireVisible(platform, named);
  tellHidden(terminal, platform, named.length === 0 ? manifestKinds : [], 'they are left out');
  let isFirst = true;
  for (const kind of manifestKinds) {
    if ((named.length > 0 && !named.includes(kind)) || hiddenBy(platform, kind) !== undefined) continue;
    for (const item of platform.items.get(kind)?.values() ?? []) {
      const own = labelsOf(kind, item, platform);
      if (!labels.every(([key, value]) => own[key] === value)) continue;
      const whole = await onItsPage(kind, item, client);
      terminal.out(`${isFirst ? '' : '---\n'}${toYaml(toManifest(kind, whole, platform))}`);
      isFirst = false;
    }
  }
}

function manifestKindOf(word: string): ManifestKind {
  const kind = kindOf(word);
  const found = manifestKinds.find((each) => each === kind.name);
  if (found === undefined) throw new CommandError('usage', `A ${spokenName(kind)} has no manifest: there are ${manifestKinds.join(', ')}.`);
  return found;
}

/** The document of an API, and where the credentials of an MCP server are sent, are on their own pages. */
async function onItsPage(kind: ManifestKind, item: Item, client: ControlPlaneClient): Promise<Item> {
  if (kind === 'Api') return answered(client.getApi({ params: { path: { api_id: String(item['api_id']) } } }));
  if (kind === 'McpServer') return answered(client.getMcpServer({ params: { path: { mcp_server_id: String(item['mcp_server_id']) } } }));
  return item;
}
