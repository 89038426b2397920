import type { Api, ApiOperation, ApiRequest } from '@stoa/generated/schemas.ts';
import { listBytesOf, tokensOf } from '@stoa/lib/list-cost.ts';
import { answered, tagged } from '../answered.ts';
import { fetchDocument, isUrl, readDocument } from '../documents.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { findOne } from '../find.ts';
import { kindOf } from '../kinds.ts';
import { table } from '../output/table.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions, OpenSession } from '../session.ts';
import { printable, progress, readInput } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export type ImportOptions = GlobalOptions & {
  name?: string;
  replace?: string;
  upstreamUrl?: string;
  label?: string[];
  team?: string;
  open?: boolean;
  dryRun?: boolean;
  output: string;
};
type Imported = { api: Api; action: 'created' | 'updated' | 'unchanged'; before: readonly ApiOperation[] };

/** Defines an API from a document, and shows what comes of it: its tools, what they cost a model, and what of the document is lost. */
export async function importApi(terminal: Terminal, place: string, options: ImportOptions): Promise<void> {
  const isDry = options.dryRun === true;
  const labels = labelsOf(options.label);
  const { client } = await openSession(terminal, options);
  progress(terminal, `Reading ${place === '-' ? 'stdin' : printable(place)} …`);
  const document = place === '-' ? await readInput(terminal) : isUrl(place) ? await fetchDocument(place) : await readDocument(place);
  if (document.trim() === '') throw new CommandError('failed', 'The document is empty.');
  const body: ApiRequest = {
    document,
    ...(options.name !== undefined && { name: options.name }),
    ...(options.upstreamUrl !== undefined && { upstream_url: options.upstreamUrl }),
    ...(labels && { labels }),
    ...(options.team !== undefined && { team: options.team }),
    ...(options.open === true && { open_to_all_consumers: true }),
  };
  progress(terminal, isDry ? 'Asking the server what would come of it …' : 'Defining the API …');
  const { replace } = options;
  const imported = replace === undefined ? await create(client, body, isDry) : await update(client, replace, body, isDry);
  const told = reportOf(imported, isDry);
  terminal.out(options.output === 'json' ? `${JSON.stringify(told, null, 2)}\n` : textOf(told));
}

async function create(client: OpenSession['client'], body: ApiRequest, isDry: boolean): Promise<Imported> {
  try {
    const api = await answered(client.createApi({ params: { query: { dry_run: isDry } }, body }));
    return { api: isDry ? api : await whole(client, api), action: 'created', before: [] };
  } catch (error) {
    if (!(error instanceof CommandError) || error.exitCode !== exitCodes.conflict) throw error;
    throw new CommandError(
      'conflict',
      `${error.message}\n--replace NAME makes the document a new revision of the API that is there; --name NAME calls this one something else.`,
      { cause: error },
    );
  }
}

async function update(client: OpenSession['client'], word: string, body: ApiRequest, isDry: boolean): Promise<Imported> {
  const api_id = String((await findOne(kindOf('api'), client, word))['api_id']);
  const { body: present, etag } = await tagged(client.getApi({ params: { path: { api_id } } }));
  const params = { path: { api_id }, query: { dry_run: isDry }, header: etag === undefined ? {} : { 'If-Match': etag } };
  // What is not said stays as it is.
  const kept = { name: present.name, ...(present.given_upstream_url !== undefined && { upstream_url: present.given_upstream_url }) };
  const api = await answered(client.updateApi({ params, body: { ...kept, ...body } }));
  const action = api.revision === present.revision ? 'unchanged' : 'updated';
  return { api: isDry ? api : await whole(client, api), action, before: present.operations ?? [] };
}

/** Its tools stand on its own page, and in the answer to a dry run. */
const whole = (client: OpenSession['client'], { api_id }: Api): Promise<Api> => answered(client.getApi({ params: { path: { api_id } } }));

function labelsOf(given: readonly string[] | undefined): Record<string, string> | undefined {
  if (given === undefined) return undefined;
  const wrong = given.find((label) => label.indexOf('=') < 1);
  if (wrong !== undefined) throw new CommandError('usage', `--label is KEY=VALUE: "${wrong}" is none.`);
  return Object.fromEntries(given.map((label) => [label.slice(0, label.indexOf('=')), label.slice(label.indexOf('=') + 1)]));
}

type Report = ReturnType<typeof reportOf>;

function reportOf({ api, action, before }: Imported, isDry: boolean) {
  const operations = api.operations ?? [];
  const names = new Set(operations.map(({ tool }) => tool.name));
  return {
    name: api.name,
    action,
    dry_run: isDry,
    revision: api.revision,
    upstream_url: api.upstream_url,
    list_tokens: api.list_tokens,
    tools: operations.map(({ tool, method, path }) => ({
      name: tool.name,
      tokens: tokensOf(listBytesOf([tool])),
      method,
      path,
      description: tool.description ?? tool.title ?? '',
      is_new: !before.some((other) => other.tool.name === tool.name),
    })),
    removed_tools: before.map(({ tool }) => tool.name).filter((name) => !names.has(name)),
    losses: api.loss_report,
    warnings: api.warnings,
  };
}

function textOf({
  name,
  action,
  dry_run: isDry,
  revision,
  upstream_url,
  list_tokens,
  tools,
  removed_tools: removed,
  losses,
  warnings,
}: Report): string {
  const words = { created: 'created', updated: `updated to revision ${revision}`, unchanged: 'unchanged' };
  const rows = tools.map((tool) => [tool.name, String(tool.tokens), `${tool.method} ${tool.path}`, tool.description.replaceAll(/\s+/g, ' ').trim()]);
  const lost = losses.map(({ where, what, dropped }) => [where, dropped === true ? 'all' : 'a part', what]);
  return [
    `api/${name} ${words[action]}${isDry ? ' (dry run)' : ''}, served at ${printable(upstream_url)}\n`,
    `${tools.length} tools, which take about ${list_tokens} tokens of a model's context when it is given them all:\n`,
    ...(rows.length === 0 ? [] : [table(['TOOL', 'TOKENS', 'OPERATION', 'DESCRIPTION'], rows)]),
    ...(action === 'created' || removed.length === 0 ? [] : [`Gone are: ${removed.join(', ')}\n`]),
    ...(lost.length === 0
      ? ['Nothing of the document is lost.\n']
      : ['What of the document could not be expressed:\n', table(['WHERE', 'LOST', 'WHY'], lost)]),
    ...warnings.map((warning) => `Warning: ${printable(warning)}\n`),
  ].join('');
}
