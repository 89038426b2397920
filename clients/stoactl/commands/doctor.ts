import type { Version } from '@stoa/generated/schemas.ts';
import { bodyOf } from '@stoa/control-plane-client/exchange.ts';
import { operations } from '@stoa/generated/operations.ts';
import { answered } from '../answered.ts';
import { fileFindings, issuerFinding, keyFindings, tokenFindings } from '../doctor/access-findings.ts';
import { failed, ok, skipped } from '../doctor/finding.ts';
import type { DoctorFinding } from '../doctor/finding.ts';
import { clockFinding, tlsFinding, unreachableFindings, versionFindings } from '../doctor/server-findings.ts';
import { exitCodes } from '../exit-codes.ts';
import { createHttp } from '../http.ts';
import type { Http } from '../http.ts';
import { table } from '../output/table.ts';
import { chosenContext, openSession, sessionOf } from '../session.ts';
import type { ChosenContext, GlobalOptions, OpenSession } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export type DoctorOptions = GlobalOptions & { output: 'table' | 'json'; connectConfig?: string };

/** Looks at all that can be wrong between this machine and its Control Plane. Ends with 1 when something is. */
export async function doctor(terminal: Terminal, options: DoctorOptions): Promise<number> {
  const { findings, client } = await examined(terminal, options);
  if (options.connectConfig !== undefined) {
    const { connectFindings } = await import('../doctor/connect-findings.ts');
    findings.push(...(await connectFindings(options.connectConfig, terminal.env, client)));
  }
  if (options.output === 'json') terminal.out(`${JSON.stringify({ items: findings }, null, 2)}\n`);
  else
    terminal.out(
      table(
        ['CHECK', 'STATUS', 'FOUND', 'REMEDY'],
        findings.map(({ check, status, found, remedy }) => [check, status, found, remedy ?? '']),
      ),
    );
  return findings.some(({ status }) => status === 'failed') ? exitCodes.failed : 0;
}

type Examined = { findings: DoctorFinding[]; client?: OpenSession['client'] };

async function examined(terminal: Terminal, options: GlobalOptions): Promise<Examined> {
  let chosen: ChosenContext;
  try {
    chosen = await chosenContext(terminal, options);
  } catch (error) {
    return { findings: [failed('context', (error as Error).message, 'stoactl context set NAME --server URL makes one.')] };
  }
  const http = await createHttp(terminal, chosen.context.ca_file);
  const findings = [ok('context', `${chosen.name} is of ${chosen.context.server}`), ...(await fileFindings(chosen.path, terminal.env))];
  const reached = await serverFindings(http, chosen);
  findings.push(...reached);
  if (!reached.some(({ check, status }) => check === 'reachability' && status === 'ok')) return { findings };
  findings.push(await issuerFinding(sessionOf(http, chosen).client, http.ask));
  try {
    const { client } = await openSession(terminal, options);
    const who = await answered(client.getSession());
    findings.push(...tokenFindings(who, who.user !== undefined && (terminal.env['STOA_TOKEN'] ?? '') === '', Date.now()));
    findings.push(...(await keyFindings(client, Date.now())));
    return { findings, client };
  } catch (error) {
    findings.push(
      failed('token', (error as Error).message.split('\n')[0] ?? '', 'Sign in: stoactl login.'),
      skipped('gateway keys', 'nobody is signed in'),
    );
    return { findings };
  }
}

/** One question that anybody may ask, and all that its answer tells by the way. */
async function serverFindings({ carry }: Http, { context: { server } }: ChosenContext): Promise<DoctorFinding[]> {
  const url = new URL(server.replace(/\/+$/, '') + operations.getVersion.path);
  const sinceMs = performance.now();
  try {
    const received = await carry({ method: 'GET', url, headers: { accept: 'application/json' }, body: undefined });
    const tookMs = performance.now() - sinceMs;
    const { incoming } = received;
    const tls = tlsFinding(server, incoming, Date.now());
    const clock = clockFinding(incoming.headers.date, Date.now(), tookMs);
    const running = versionOf((await bodyOf(received, 1_000_000)).toString('utf8'));
    if (incoming.statusCode !== 200 || running === undefined)
      return [
        failed(
          'reachability',
          `what answers at ${server} is no Control Plane`,
          'Correct the server of the context: stoactl context set NAME --server URL.',
        ),
      ];
    return [ok('reachability', `the server answers in ${Math.round(tookMs)} ms`), tls, clock, ...versionFindings(running)];
  } catch (error) {
    return unreachableFindings(error);
  }
}

function versionOf(text: string): Version | undefined {
  try {
    const value = JSON.parse(text) as Partial<Version>;
    return typeof value.product === 'string' && typeof value.version === 'string' && typeof value.contract_revision === 'number'
      ? (value as Version)
      : undefined;
  } catch {
    return undefined;
  }
}
