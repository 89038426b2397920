import type { Api, Gateway, Subscription } from '@stoa/generated/schemas.ts';
import { answered } from '../answered.ts';
import { failed, ok, skipped } from '../doctor/finding.ts';
import type { DoctorFinding } from '../doctor/finding.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { allItems, findOne } from '../find.ts';
import { kindOf } from '../kinds.ts';
import { textOf } from '../mcp/call-result.ts';
import { consumerKey, noKey } from '../mcp/consumer-key.ts';
import { withMcp } from '../mcp/mcp-session.ts';
import type { CallToolResult, McpSession } from '../mcp/mcp-session.ts';
import { table } from '../output/table.ts';
import { chosenContext, openSession } from '../session.ts';
import type { GlobalOptions, OpenSession } from '../session.ts';
import type { Terminal } from '../terminal.ts';
import { argumentsOf } from './tools.ts';

export type TestOptions = GlobalOptions & {
  tool?: string;
  consumer?: string;
  gateway?: string;
  environment?: string;
  keyFile?: string;
  args?: string;
  caFile?: string;
  output: string;
};
type Tested = { findings: DoctorFinding[]; result?: CallToolResult };

const steps = ['deployed', 'subscribed', 'gateway', 'reachable', 'key', 'listed', 'called'] as const;
const shownChars = 200;

/** Calls a deployed API as a consumer does, and says what each step gave. Ends with 1 when one failed. */
export async function testApi(terminal: Terminal, word: string, options: TestOptions): Promise<number> {
  if (options.args === '-' && options.keyFile === '-') throw new CommandError('usage', 'Only one of --args and --key-file can be read from stdin.');
  const args = options.args === undefined ? undefined : await argumentsOf(terminal, options.args);
  const key = await consumerKey(terminal, options.keyFile);
  if (key === undefined) throw noKey;
  const { client } = await openSession(terminal, options);
  const found = await findOne(kindOf('api'), client, word);
  const api = await answered(client.getApi({ params: { path: { api_id: String(found['api_id']) } } }));
  const tested = await tests(terminal, client, api, key, args, options);
  const done = new Set(tested.findings.map(({ check }) => check));
  const items = [
    ...tested.findings,
    ...steps
      .filter((step) => !done.has(step) && (step !== 'subscribed' || options.consumer !== undefined))
      .map((step) => skipped(step, 'a step before it failed')),
  ];
  if (options.output === 'json') terminal.out(`${JSON.stringify({ items, ...(tested.result && { result: tested.result }) }, null, 2)}\n`);
  else
    terminal.out(
      table(
        ['STEP', 'STATUS', 'FOUND', 'REMEDY'],
        items.map(({ check, status, found: what, remedy }) => [check, status, what, remedy ?? '']),
      ),
    );
  return items.some(({ status }) => status === 'failed') ? exitCodes.failed : 0;
}

async function tests(
  terminal: Terminal,
  client: OpenSession['client'],
  api: Api,
  key: string,
  args: Record<string, unknown> | undefined,
  options: TestOptions,
): Promise<Tested> {
  const findings: DoctorFinding[] = [deployed(api)];
  if (options.consumer !== undefined) findings.push(await subscribed(client, api, options.consumer));
  if (findings.some(({ status }) => status === 'failed')) return { findings };
  const gateway = options.gateway ?? (await gatewayOf(client, options.environment));
  if (gateway === undefined)
    return {
      findings: [
        ...findings,
        failed(
          'gateway',
          `no instance that is online${options.environment === undefined ? '' : ` in ${options.environment}`} says where it serves MCP`,
          'Start a Gateway, or name one: --gateway URL.',
        ),
      ],
    };
  findings.push(ok('gateway', gateway));
  const caFile = options.caFile ?? (await chosenContext(terminal, options)).context.ca_file;
  try {
    return await withMcp(terminal, { gateway, ...(caFile !== undefined && { caFile }) }, key, async (session) => {
      findings.push(ok('reachable', `${session.url} speaks MCP`), ok('key', 'the key is accepted'));
      return called(session, api, args, options, findings);
    });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { findings: [...findings, ...refused(error)] };
  }
}

/** A refusal of the key says that somebody was reached. */
function refused(error: CommandError): DoctorFinding[] {
  const [message = ''] = error.message.split('\n');
  const isOfKey = error.exitCode === exitCodes.signedOut || error.exitCode === exitCodes.forbidden;
  return isOfKey
    ? [
        ok('reachable', 'the Gateway answers'),
        failed('key', message, 'Mint one: stoactl consumers keys create NAME. A new key is known there after some seconds.'),
      ]
    : [failed('reachable', message, 'stoactl get gateways tells which are online.')];
}

function deployed({ name, state = 'undeployed' }: Api): DoctorFinding {
  if (state.startsWith('applied')) return ok('deployed', `${name} is ${state}`);
  const remedy =
    state === 'undeployed'
      ? 'Deploy it: a Deployment in a manifest, and stoactl apply.'
      : 'stoactl get deployments -o wide tells where, and stoactl describe deployment NAME why.';
  return failed('deployed', `${name} is ${state}`, remedy);
}

async function subscribed(client: OpenSession['client'], api: Api, consumer: string): Promise<DoctorFinding> {
  const { name } = await findOne(kindOf('consumer'), client, consumer);
  if (api.open_to_all_consumers) return ok('subscribed', `${api.name} is open to all consumers`);
  const subscriptions = (await allItems(kindOf('subscription'), client, { search: String(name) })) as unknown as Subscription[];
  const own = subscriptions.filter(({ consumer_name }) => consumer_name === name);
  if (own.some(({ api_id }) => api_id === api.api_id)) return ok('subscribed', `${String(name)} is subscribed to ${api.name}`);
  for (const { plan_id, plan_name } of own) {
    if (plan_id === undefined) continue;
    const { api_ids } = await answered(client.getPlan({ params: { path: { plan_id } } }));
    if (api_ids.includes(api.api_id)) return ok('subscribed', `${String(name)} is subscribed to the plan ${plan_name}, which has ${api.name}`);
  }
  return failed('subscribed', `${String(name)} is not subscribed to ${api.name}`, 'Subscribe it: a Subscription in a manifest, and stoactl apply.');
}

/** Where one that is online serves MCP. */
async function gatewayOf(client: OpenSession['client'], environment: string | undefined): Promise<string | undefined> {
  const query = { liveness: 'online' as const, limit: 500, ...(environment !== undefined && { environment }) };
  const { items } = await answered(client.listGateways({ params: { query } }));
  return items.find(({ endpoints }: Gateway) => endpoints['mcp'] !== undefined)?.endpoints['mcp'];
}

async function called(
  session: McpSession,
  api: Api,
  args: Record<string, unknown> | undefined,
  { tool: wanted }: TestOptions,
  findings: DoctorFinding[],
): Promise<Tested> {
  const own = (api.operations ?? []).filter(({ tool, operation_id }) => wanted === undefined || [tool.name, operation_id].includes(wanted));
  if (own.length === 0)
    return {
      findings: [
        ...findings,
        failed('listed', `${api.name} has no tool${wanted === undefined ? '' : ` ${wanted}`}`, `stoactl tools list --api ${api.name} names them.`),
      ],
    };
  const names = new Set((await session.listTools()).map(({ name }) => name));
  const listed = own.filter(({ tool }) => names.has(tool.name));
  if (listed.length === 0)
    return {
      findings: [
        ...findings,
        failed(
          'listed',
          `of the ${names.size} tools that the consumer is shown there, none is of ${wanted ?? api.name}`,
          'Is it deployed there, and the consumer subscribed to it? --consumer NAME looks.',
        ),
      ],
    };
  findings.push(ok('listed', wanted === undefined ? `${listed.length} of the ${own.length} tools of ${api.name}` : (listed[0]?.tool.name ?? '')));
  const chosen = listed.find(({ tool }) => wanted !== undefined || args !== undefined || isHarmless(tool));
  if (chosen === undefined)
    return { findings: [...findings, skipped('called', 'no tool only reads and needs no argument: name one by --tool, with --args')] };
  const result = await session.callTool(chosen.tool.name, args ?? {});
  const text = textOf(result);
  const shown = text.length > shownChars ? `${text.slice(0, shownChars)}… (${text.length} characters)` : text;
  const finding =
    result.isError === true
      ? failed('called', `${chosen.tool.name} failed: ${shown}`, 'The API behind it refused: look at its answer.')
      : ok('called', `${chosen.tool.name}: ${shown}`);
  return { findings: [...findings, finding], result };
}

/** What nobody was asked about is called only where it changes nothing. */
const isHarmless = ({ annotations, input_schema: schema }: NonNullable<Api['operations']>[number]['tool']): boolean =>
  annotations.readOnlyHint === true && ((schema['required'] as unknown[] | undefined) ?? []).length === 0;
