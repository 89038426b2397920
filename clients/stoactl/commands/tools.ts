import type { Api, Deployment } from '@stoa/generated/schemas.ts';
import { readText } from '@stoa/lib/read-text.ts';
import { answered } from '../answered.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { allItems, findOne } from '../find.ts';
import { kindOf } from '../kinds.ts';
import type { Item, Kind } from '../kinds.ts';
import { textOf } from '../mcp/call-result.ts';
import { consumerKey } from '../mcp/consumer-key.ts';
import { withMcp } from '../mcp/mcp-session.ts';
import type { Format } from '../output/format-names.ts';
import { formatted } from '../output/formats.ts';
import { cellOf } from '../output/table.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions, OpenSession } from '../session.ts';
import { progress, readInput } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export type ToolListOptions = GlobalOptions & { api?: string; gateway?: string; keyFile?: string; caFile?: string; output: Format; headers: boolean };
export type ToolCallOptions = { gateway: string; keyFile?: string; caFile?: string; args?: string; output: string };

/** Many APIs are read, and no more at a time than a server serves gladly. */
const atOnce = 4;
/** Far more than any gateway takes. */
const maxArgumentBytes = 64 * 1024 * 1024;
const column = (title: string, key: string, wide?: true) => ({ title, value: (item: Item) => item[key], ...(wide && { wide }) });
const common = {
  name: 'Tool',
  plural: 'tools',
  id: 'name',
  hasLabels: false,
  nameOf: ({ name }: Item) => String(name),
  list: () => Promise.reject(new Error('Tools have no page of their own.')),
};
const defined: Kind = {
  ...common,
  columns: [
    column('NAME', 'name'),
    column('API', 'api'),
    column('SERVED', 'served_in'),
    column('METHOD', 'method', true),
    column('PATH', 'path', true),
    column('DESCRIPTION', 'description'),
  ],
};
const served: Kind = { ...common, columns: [column('NAME', 'name'), column('TITLE', 'title', true), column('DESCRIPTION', 'description')] };

/** Lists the tools of the tenant, or those that a consumer is shown at a Gateway. */
export async function listTools(terminal: Terminal, options: ToolListOptions): Promise<void> {
  const isServed = options.gateway !== undefined;
  if (!isServed && options.keyFile !== undefined)
    throw new CommandError('usage', '--key-file is for --gateway: it lists what this consumer is shown there.');
  if (!isServed && options.caFile !== undefined)
    throw new CommandError(
      'usage',
      '--ca-file is for --gateway: whom to trust as the server stands in the context (stoactl context set NAME --ca-file).',
    );
  const items = isServed ? await shownBy(terminal, { ...options, gateway: options.gateway ?? '' }) : await definedIn(terminal, options);
  terminal.out(await formatted(options.output, isServed ? served : defined, items.map(onOneLine(options.output)), options));
}

const shownBy = async (terminal: Terminal, options: ToolListOptions & { gateway: string }): Promise<Item[]> => {
  const key = await consumerKey(terminal, options.keyFile);
  return withMcp(terminal, options, key, (session) => session.listTools());
};

async function definedIn(terminal: Terminal, options: ToolListOptions): Promise<Item[]> {
  const session = await openSession(terminal, options);
  const { client } = session;
  const kind = kindOf('api');
  const apis = (options.api === undefined ? await allItems(kind, client) : [await findOne(kind, client, options.api)]) as unknown as Api[];
  progress(terminal, `Reading the tools of ${apis.length} APIs …`);
  const places = placesOf((await allItems(kindOf('deployment'), client)) as unknown as Deployment[]);
  const items: Item[] = [];
  for (let at = 0; at < apis.length; at += atOnce)
    items.push(...(await Promise.all(apis.slice(at, at + atOnce).map(({ api_id }) => toolsOf(session, api_id, places.get(api_id) ?? [])))).flat());
  return items;
}

async function toolsOf({ client }: OpenSession, api_id: string, served_in: readonly string[]): Promise<Item[]> {
  const { name: api, operations = [] } = await answered(client.getApi({ params: { path: { api_id } } }));
  return operations.map(({ tool: { name, title, description }, method, path }) => ({ name, api, title, description, method, path, served_in }));
}

/** Where each API is deployed: its environments, or what else chooses gateways; with the state where it is not served there. */
function placesOf(deployments: readonly Deployment[]): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const { api_id, targets, state } of deployments) {
    const { environments, ...others } = targets;
    const where = environments === undefined ? [cellOf(others) || 'everywhere'] : environments;
    const isServed = state === undefined || state.startsWith('applied');
    places.set(api_id, [...(places.get(api_id) ?? []), ...where.map((place) => (isServed ? place : `${place}(${state})`))]);
  }
  return places;
}

/** A table has a line for each; JSON and YAML have what there is. */
const onOneLine =
  (format: Format) =>
  (item: Item): Item =>
    format === 'json' || format === 'yaml'
      ? item
      : {
          ...item,
          description: String(item['description'] ?? item['title'] ?? '')
            .replaceAll(/\s+/g, ' ')
            .trim(),
        };

/** Calls a tool as a consumer. Ends with 1 when the tool says that it failed. */
export async function callTool(terminal: Terminal, name: string, options: ToolCallOptions): Promise<number> {
  if (options.args === '-' && options.keyFile === '-') throw new CommandError('usage', 'Only one of --args and --key-file can be read from stdin.');
  const args = await argumentsOf(terminal, options.args);
  const key = await consumerKey(terminal, options.keyFile);
  const result = await withMcp(terminal, options, key, (session) => session.callTool(name, args));
  const isFailed = result.isError === true;
  if (options.output === 'json') terminal.out(`${JSON.stringify(result, null, 2)}\n`);
  else (isFailed ? terminal.err : terminal.out)(`${textOf(result)}\n`);
  return isFailed ? exitCodes.failed : 0;
}

/** The arguments of a call: JSON, or `@FILE` that holds it, or `-` for stdin. */
export async function argumentsOf(terminal: Terminal, given = '{}'): Promise<Record<string, unknown>> {
  const text = given === '-' ? await readInput(terminal) : given.startsWith('@') ? await fileText(given.slice(1)) : given;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CommandError('usage', `--args is no JSON: ${(error as Error).message}`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CommandError('usage', '--args takes an object of JSON, such as {"id": 1}.');
  return value as Record<string, unknown>;
}

const fileText = (file: string): Promise<string> =>
  readText(file, maxArgumentBytes).catch((error: Error) => {
    throw new CommandError('usage', `--args cannot be read: ${error.message}`, { cause: error });
  });
