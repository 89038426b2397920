import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Subject } from '@stoa/contract-tests/requirements.ts';
import { version } from '@stoa/lib/version.ts';
import { startAgent } from './agent-process.ts';
import { conformAgent } from './agent.ts';
import { conformControlPlane } from './control-plane.ts';
import { reportAsBadge, reportAsJson, reportAsJunit } from './reports/documents.ts';
import { resultAsText, summaryAsText } from './reports/text.ts';
import { count } from './results.ts';
import type { Level, Report } from './results.ts';
import type { RunOptions } from './run-cases.ts';

export type Streams = { out: (text: string) => unknown; err: (text: string) => unknown };

const help = `Usage: stoa-conform SUBJECT [options]

Holds an implementation of the registration contract against every sentence of it.

  stoa-conform control-plane --url URL --gateway-key-file FILE [--admin-token-file FILE] [--other-tenant-key-file FILE]
  stoa-conform gateway|link|connect --listen HOST:PORT [--start 'COMMAND']

  --url URL                     where the Control Plane answers
  --gateway-key-file FILE       a gateway key that is good for every environment, mode and name
  --admin-token-file FILE       a token of an owner; without it what an operator sees and does is skipped
  --other-tenant-key-file FILE  a gateway key of another tenant; without it what parts tenants is skipped
  --listen HOST:PORT            where the kit, which is the Control Plane then, listens: the first case there, the others at the ports after it; port 0 takes any
  --start COMMAND               starts the subject, with STOA_CONTROL_PLANE_URL, STOA_GATEWAY_KEY_FILE, STOA_INSTANCE_NAME, STOA_ENVIRONMENT,
                                CONFORM_GATEWAY_MODE, STOA_STATE_DIR and STOA_LISTEN in its environment; without it the subject is one that runs already,
                                with the key stoa_gk_the-harness-knows-this-key
  --level adr|full              the two calls of ADR-057 alone, or everything; full by default
  --only ID                     only what proves this requirement, such as REG-007
  --json FILE, --junit FILE, --badge FILE   reports beside the text
  --quiet                       tell only of what did not pass

Exit codes: 0 all that was looked at passed, 1 something failed, 2 usage.
`;

const agents = ['gateway', 'link', 'connect'] as const;

class Usage extends Error {}

/** Obeys a command line; answers the exit code. Throws nothing that a command line can cause. */
export async function conform(argv: readonly string[], { out, err }: Streams): Promise<number> {
  try {
    const { values, positionals } = parsed(argv);
    if (values.help === true || argv.length === 0) {
      out(help);
      return values.help === true ? 0 : 2;
    }
    const level = oneOf(values.level ?? 'full', ['adr', 'full'] as const, '--level');
    const subject = oneOf(positionals[0], ['control-plane', ...agents] as const, 'The subject');
    if (positionals.length > 1) throw new Usage(`There is one subject: ${positionals.slice(1).join(' ')} is too much.`);
    const options: Partial<RunOptions> = {
      told: (result) => (values.quiet !== true || result.outcome === 'failed') && out(`${resultAsText(result)}\n`),
    };
    const report = await run(subject, level, values, options);
    out(`${summaryAsText(report)}\n`);
    const files = { json: reportAsJson, junit: reportAsJunit, badge: reportAsBadge } as const;
    for (const [name, make] of Object.entries(files)) {
      const file = values[name as keyof typeof files];
      if (file !== undefined) await writeFile(file, make(report));
    }
    return count(report, 'failed') === 0 && count(report, 'passed') > 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Usage)) throw error;
    err(`${error.message}\nstoa-conform --help tells more.\n`);
    return 2;
  }
}

const optionTypes = {
  url: { type: 'string' },
  'gateway-key-file': { type: 'string' },
  'admin-token-file': { type: 'string' },
  'other-tenant-key-file': { type: 'string' },
  listen: { type: 'string' },
  start: { type: 'string' },
  level: { type: 'string' },
  only: { type: 'string' },
  json: { type: 'string' },
  junit: { type: 'string' },
  badge: { type: 'string' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;
type Values = ReturnType<typeof parsed>['values'];

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: optionTypes, allowPositionals: true });
  } catch (error) {
    throw new Usage((error as Error).message);
  }
}

async function run(subject: Subject, level: Level, values: Values, options: Partial<RunOptions>): Promise<Report> {
  const about = { subject, level, kit: version };
  const chosen = { ...options, ...(values.only !== undefined && { only: values.only }) };
  if (subject !== 'control-plane') {
    refuse(values, ['url', 'gateway-key-file', 'admin-token-file', 'other-tenant-key-file'], subject);
    const { host, port } = addressOf(values.listen);
    const { start } = values;
    const launch = start === undefined ? {} : { launch: (env: Record<string, string>) => startAgent(start, env) };
    return { ...about, ...(await conformAgent({ name: subject, host, port, ...launch }, level, chosen)) };
  }
  refuse(values, ['listen', 'start'], subject);
  const { url } = values;
  if (url === undefined || !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new Usage('--url says where the Control Plane answers, such as http://127.0.0.1:8080.');
  const gatewayKey = await secretIn('gateway-key-file', values);
  if (gatewayKey === undefined) throw new Usage('--gateway-key-file names the file with a gateway key.');
  const [adminToken, otherTenantKey] = [await secretIn('admin-token-file', values), await secretIn('other-tenant-key-file', values)];
  const at = { url, gatewayKey, ...(adminToken !== undefined && { adminToken }), ...(otherTenantKey !== undefined && { otherTenantKey }) };
  return { ...about, results: await conformControlPlane(at, level, chosen), unseen: [] };
}

function refuse(values: Values, names: readonly (keyof Values)[], subject: Subject): void {
  const given = names.find((name) => values[name] !== undefined);
  if (given !== undefined) throw new Usage(`--${given} says nothing where the subject is ${subject}.`);
}

async function secretIn(name: 'gateway-key-file' | 'admin-token-file' | 'other-tenant-key-file', values: Values): Promise<string | undefined> {
  const file = values[name];
  if (file === undefined) return undefined;
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new Usage(`--${name}: ${error.message}`);
  });
  if (text.trim() === '') throw new Usage(`--${name}: ${file} is empty.`);
  return text.trim();
}

function addressOf(listen: string | undefined): { host: string; port: number } {
  const [, host, port] = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(listen ?? '') ?? [];
  if (host === undefined || Number(port) > 65_500) throw new Usage('--listen says where the kit listens, such as 127.0.0.1:9080.');
  return { host, port: Number(port) };
}

function oneOf<const Name extends string>(given: string | undefined, names: readonly Name[], what: string): Name {
  const found = names.find((name) => name === given);
  if (found === undefined) throw new Usage(`${what} is one of ${names.join(', ')}.`);
  return found;
}
