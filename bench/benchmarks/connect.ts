import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { PolicySpec } from '@stoa/generated/schemas.ts';
import { caddies, startCaddy } from '@stoa/connect/testing/caddy-process.ts';
import { bounded, compare, reasonOf, roundsOf, unmeasured } from '../report/result.ts';
import type { Row, Rounds } from '../report/result.ts';
import type { Bench } from '../system/bench.ts';
import { packagedConnect, startConnect, untilSynced } from '../system/connect.ts';
import type { RunningConnect } from '../system/connect.ts';
import { must, startControlPlane } from '../system/control-plane.ts';
import type { ControlPlane } from '../system/control-plane.ts';
import { cpuMeter, residentMb } from '../system/cpu-time.ts';
import { buildOf } from '../system/past-build.ts';
import { freePort } from '../system/processes.ts';

/** The last commit at which Connect wrote one object after the other, and read and compared everything at each change. */
const before = '7448d17';
const manyApis = 1_000;
const someApis = 300;
const quickShare = 10;
/** By then what a start left to do is done. */
const settleMs = 3_000;
const idleMs = 20_000;

/** What a Connect costs that brings a gateway to what is deployed: all of it at once, none of it, one API of many. */
export async function connect(bench: Bench): Promise<Row[]> {
  const controlPlane = await startControlPlane(bench);
  const apis = bench.options.quick ? manyApis / quickShare : manyApis;
  const edited = await publish(controlPlane, 'many', apis);
  const old = await buildOf(before).then(
    (dist) => ({ dist }),
    (error: unknown) => ({ reason: reasonOf(error) }),
  );
  const kongs = await kongRows(bench, controlPlane, apis, edited, old);
  await publish(controlPlane, 'some', bench.options.quick ? someApis / quickShare : someApis);
  return [...kongs, ...(await memoryRows(bench, controlPlane)), await caddyRow(bench, controlPlane)];
}

/** A document with one path that an edition changes. */
const documentOf = (name: string, edition = 1): Record<string, unknown> => ({
  openapi: '3.0.3',
  info: { title: name, version: '1.0.0' },
  servers: [{ url: 'http://127.0.0.1:9' }],
  paths: {
    [`/${name}/edition-${edition}`]: { get: { operationId: 'list', responses: { 200: { description: 'All of them.' } } } },
    [`/${name}/{id}`]: {
      get: {
        operationId: 'one',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', maxLength: 40 } }],
        responses: { 200: { description: 'One of them.' } },
      },
    },
  },
});

/** APIs of two operations with three policies each, in an environment of their own. Answers the id of the last. */
async function publish({ client }: ControlPlane, environment: string, count: number): Promise<string> {
  const attached_to = [{ environment }];
  // A limit of Kong's own counting is a warning; the two others and this are what Caddy can express as well.
  const policies: PolicySpec[] = [
    { kind: 'cors', config: { allow_origins: ['https://app.example.com'], max_age_s: 600 } },
    { kind: 'rate_limit', config: { limit: 1_000_000, window_s: 60 } },
    { kind: 'api_key_auth', config: { header: 'X-API-Key' } },
  ];
  for (const policy of policies)
    must(await client.createPolicy({ body: { name: `${environment}-${policy.kind.replaceAll('_', '-')}`, policy, attached_to } }));
  let last = '';
  for (let at = 0; at < count; at += 1) {
    const name = `${environment}-${at}`;
    last = must(await client.createApi({ body: { name, document: documentOf(name), open_to_all_consumers: true } })).api_id;
    must(await client.createDeployment({ body: { api_id: last, targets: { environments: [environment] } } }));
    if ((at + 1) % 100 === 0) console.log(`  ${at + 1} APIs are defined and deployed`);
  }
  return last;
}

type Kong = { url: string; counts(): Promise<{ reads: number; writes: number }> };

async function startKong(bench: Bench, name: string): Promise<Kong> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const counting = `http://127.0.0.1:${port}`;
  await bench.processes.start({
    name,
    command: process.execPath,
    args: [new URL('../subjects/kong.ts', import.meta.url).pathname],
    env: { PORT: String(port), ADMIN_PORT: String(adminPort) },
    cores: bench.plan.cores?.upstream,
    isReady: async () => (await fetch(counting)).ok,
  });
  return {
    url: `http://127.0.0.1:${adminPort}`,
    counts: async () => (await (await fetch(counting, { method: 'POST' })).json()) as { reads: number; writes: number },
  };
}

type Sync = { seconds: number; cpuS: number; writes: number };
type Subject = { name: string; dist?: string; first: Sync; second: Sync[]; changes: Sync[] };

/** From its start to its acknowledgement: onto an empty Kong, and again onto one that holds everything. */
async function syncsOf(
  bench: Bench,
  controlPlane: ControlPlane,
  name: string,
  dist: string | undefined,
  edit: () => Promise<void>,
): Promise<Subject> {
  const kong = await startKong(bench, `${name}-kong`);
  const begin = () =>
    startConnect(bench, controlPlane, { name, environment: 'many', target: { type: 'kong', url: kong.url }, ...(dist !== undefined && { dist }) });
  const started = async (newerThan: number): Promise<{ running: RunningConnect; sync: Sync }> => {
    await kong.counts();
    const running = await begin();
    const meter = cpuMeter([running.pid]);
    const seconds = ((await untilSynced(controlPlane, running, newerThan)) - running.startedAtMs) / 1000;
    const sync = { seconds, cpuS: meter(), writes: (await kong.counts()).writes };
    console.log(`  ${name}  ${sync.seconds.toFixed(2)} s, ${sync.cpuS.toFixed(2)} s of processor, ${sync.writes} writes`);
    await delay(settleMs);
    return { running, sync };
  };
  const { running, sync: first } = await started(0);
  let current = running;
  const second: Sync[] = [];
  const changes: Sync[] = [];
  for (let round = 1; round <= bench.options.rounds; round += 1) {
    await current.stop();
    const again = await started(Date.now());
    current = again.running;
    second.push(again.sync);
    const meter = cpuMeter([current.pid]);
    const [cpuFrom, sentAtMs] = [meter(), Date.now()];
    await edit();
    const seconds = ((await untilSynced(controlPlane, current, sentAtMs)) - sentAtMs) / 1000;
    await delay(settleMs);
    changes.push({ seconds, cpuS: meter() - cpuFrom, writes: (await kong.counts()).writes });
    console.log(
      `  ${name}  one API changed: ${seconds.toFixed(3)} s, ${(changes.at(-1)?.cpuS ?? 0).toFixed(3)} s of processor, ${changes.at(-1)?.writes} writes`,
    );
  }
  await current.stop();
  return { name, first, second, changes };
}

async function kongRows(
  bench: Bench,
  controlPlane: ControlPlane,
  apis: number,
  api_id: string,
  old: { dist: string } | { reason: string },
): Promise<Row[]> {
  let edition = 1;
  const name = `many-${apis - 1}`;
  const edit = async (): Promise<void> => {
    edition += 1;
    must(await controlPlane.client.updateApi({ params: { path: { api_id } }, body: { document: documentOf(name, edition) } }));
  };
  const ours = await syncsOf(bench, controlPlane, 'today', undefined, edit);
  const theirs = 'dist' in old ? await syncsOf(bench, controlPlane, 'before', old.dist, edit) : undefined;
  const what = `${apis.toLocaleString('en-US')} APIs × 3 policies`;
  const peer = `the build of ${before}`;
  const of = (syncs: readonly Sync[], pick: (sync: Sync) => number): Rounds => roundsOf(syncs.map(pick));
  const against = (pick: (subject: Subject) => Rounds) => (theirs === undefined ? undefined : { peer, rounds: pick(theirs) });
  const seconds = (sync: Sync): number => sync.seconds;
  const ms = (sync: Sync): number => sync.seconds * 1000;
  const writes = (sync: Sync): number => sync.writes;
  const first = { metric: `Connect, ${what} onto a Kong: first sync, from the start of the program`, unit: 's' };
  return [
    theirs === undefined
      ? unmeasured({ ...first, why: 'reason' in old ? old.reason : '' }, { atMost: 0.333 }, '×')
      : compare(
          { ...first, peer, note: `${ours.first.writes} writes, ${ours.first.cpuS.toFixed(1)} s of processor` },
          of([ours.first], seconds),
          of([theirs.first], seconds),
          {
            atMost: 0.333,
          },
        ),
    bounded(
      { metric: `Second run over ${what}, from the start of the program`, unit: 's' },
      of(ours.second, seconds),
      { atMost: 1 },
      against(({ second }) => of(second, seconds)),
    ),
    bounded(
      { metric: `Second run over ${what}: writes`, unit: 'writes' },
      of(ours.second, writes),
      { atMost: 0 },
      against(({ second }) => of(second, writes)),
    ),
    bounded(
      { metric: `One API of ${apis.toLocaleString('en-US')} changed: from the request to the acknowledgement`, unit: 'ms' },
      of(ours.changes, ms),
      { atMost: 300 },
      against(({ changes }) => of(changes, ms)),
    ),
    bounded(
      { metric: `One API of ${apis.toLocaleString('en-US')} changed: writes`, unit: 'writes' },
      of(ours.changes, writes),
      { atMost: 5 },
      against(({ changes }) => of(changes, writes)),
    ),
    compare(
      { metric: `One API of ${apis.toLocaleString('en-US')} changed: processor time`, unit: 's', peer: 'its first sync' },
      of(ours.changes, ({ cpuS }) => cpuS),
      of([ours.first], ({ cpuS }) => cpuS),
      { atMost: 0.02 },
    ),
  ];
}

/** Of the packaged executable, which is what runs at a customer's. */
async function memoryRows(bench: Bench, controlPlane: ControlPlane): Promise<Row[]> {
  const executable = packagedConnect(bench);
  const metrics = [
    { metric: 'Connect, packaged and idle, with nothing deployed: resident memory', unit: 'MB', environment: 'none', atMost: 45 },
    { metric: `The same with ${someApis} APIs`, unit: 'MB', environment: 'some', atMost: 90 },
  ];
  if (executable === undefined) {
    const why = 'There is no package: `make packages-test` makes it.';
    return metrics.map(({ metric, unit, atMost }) => unmeasured({ metric, unit, why }, { atMost }));
  }
  const kong = await startKong(bench, 'memory-kong');
  const rows: Row[] = [];
  for (const { metric, unit, environment, atMost } of metrics) {
    const name = `memory-${environment}`;
    const running = await startConnect(bench, controlPlane, { name, environment, target: { type: 'kong', url: kong.url }, executable });
    if (environment !== 'none') await untilSynced(controlPlane, running);
    await delay(bench.options.quick ? settleMs : idleMs);
    const { now } = residentMb(running.pid);
    const own = ownMb(running.pid);
    console.log(`  ${metric} ${now.toFixed(1)} MB, of which ${own.toFixed(1)} are its own`);
    rows.push(
      bounded(
        { metric, unit, note: `${own.toFixed(0)} MB of it its own, the rest the file of the program, which the kernel shares and takes back` },
        roundsOf([now]),
        { atMost },
      ),
    );
    await running.stop();
  }
  return rows;
}

function ownMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return (Number(/^RssAnon:\s*(\d+)/m.exec(status)?.[1]) * 1024) / 1e6;
}

/** The real one: every change of its configuration is a reload, so that all of it is one write. */
async function caddyRow(bench: Bench, controlPlane: ControlPlane): Promise<Row> {
  const named = { metric: `Connect, ${someApis} APIs onto a Caddy, from the start of the program`, unit: 's' };
  const installed = caddies.find(({ path }) => path !== undefined);
  if (installed?.path === undefined)
    return unmeasured({ ...named, why: `There is no Caddy: ${caddies.map(({ remedy }) => remedy).join(', or ')}.` }, { atMost: 2 });
  const values: number[] = [];
  for (let round = 1; round <= bench.options.rounds; round += 1) {
    const caddy = await startCaddy(installed.path);
    const running = await startConnect(bench, controlPlane, {
      name: `caddy-${round}`,
      environment: 'some',
      target: { type: 'caddy', url: caddy.adminUrl },
    });
    values.push(((await untilSynced(controlPlane, running)) - running.startedAtMs) / 1000);
    console.log(`  caddy  ${values.at(-1)?.toFixed(2)} s`);
    await running.stop();
    await caddy.stop();
  }
  return bounded({ ...named, note: installed.title }, roundsOf(values), { atMost: 2 });
}
