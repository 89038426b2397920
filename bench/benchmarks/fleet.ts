import { setTimeout as delay } from 'node:timers/promises';
import { startExpress } from '../peers/express-heartbeat.ts';
import { installPeers, named } from '../peers/install.ts';
import { Histogram } from '../measure/histogram.ts';
import { interleave } from '../measure/interleave.ts';
import { bounded, compare, reasonOf, roundsOf } from '../report/result.ts';
import type { Row } from '../report/result.ts';
import type { WorkloadSpec } from '../load/job.ts';
import { oneItemDocument } from '../subjects/catalog.ts';
import type { Bench } from '../system/bench.ts';
import { createCaller, mintKey, publish } from '../system/catalog-system.ts';
import type { Caller } from '../system/catalog-system.ts';
import { watchConsoleTab } from '../system/console-tab.ts';
import type { TabTraffic } from '../system/console-tab.ts';
import { startControlPlane } from '../system/control-plane.ts';
import type { ControlPlane } from '../system/control-plane.ts';
import { costMs } from '../system/cost.ts';
import { beforeDifferences, buildOf } from '../system/past-build.ts';
import { comeToRest, requireStored, transitions, walBytes } from '../system/stored.ts';
import { throughput } from '../system/throughput.ts';
import type { Subject, Throughput } from '../system/throughput.ts';

const fleetSize = 50_000;
const intervalS = 30;
const connections = 64;

/** Nothing in it is written to afterwards but by what is measured. */
type Plane = { controlPlane: ControlPlane; caller: Caller; gatewayIds: string[] };

/** What a large fleet costs where nothing happens to it, and where something does. */
export async function fleet(bench: Bench): Promise<Row[]> {
  await installPeers();
  const count = bench.options.quick ? fleetSize / 5 : fleetSize;
  const why = count < fleetSize ? { why: `A quick run registers only ${count.toLocaleString('en-US')} instances.` } : {};
  const today = await openPlane(bench, 'today', count);
  const beats = await heartbeatRows(bench, today, count, why);
  const before = await buildOf(beforeDifferences).then((dist) => openPlane(bench, 'before', count, dist), reasonOf);
  const planes = typeof before === 'string' ? { today } : { today, before };
  return [...(await consoleRows(bench, planes, count, why)), ...(await changeRows(bench, planes, count, why)), ...beats];
}

type Planes = { today: Plane; before?: Plane };
type Why = { why?: string };
const peer = `the build of ${beforeDifferences}`;
const large = (count: number): string => count.toLocaleString('en-US');

async function openPlane(bench: Bench, name: string, count: number, dist?: string): Promise<Plane> {
  const cores = bench.plan.cores;
  const controlPlane = await startControlPlane(bench, {
    name,
    cores: cores?.subject,
    databaseCores: cores && [...new Set([...cores.upstream, ...cores.store])],
    ...(dist !== undefined && { dist }),
  });
  const caller = await createCaller(controlPlane, 'caller');
  await publish(controlPlane, 'ping', oneItemDocument('http://127.0.0.1:9', 'ping'), ['bench'], caller);
  const { url, gatewayKey: key } = controlPlane;
  const { instances, seconds } = await bench.load('registerFleet', { url, key, environment: 'bench', names: 'fleet', count, connections });
  console.log(`  ${name}: ${count} instances registered in ${seconds.toFixed(1)} s`);
  return { controlPlane, caller, gatewayIds: instances.map(({ gatewayId }) => gatewayId) };
}

/** Beats of all at their interval, so that nothing happens to any of them while something else is measured. */
async function whileBeating<Value>(bench: Bench, { controlPlane, gatewayIds }: Plane, seconds: number, act: () => Promise<Value>): Promise<Value> {
  const workload = { kind: 'heartbeat' as const, urls: [controlPlane.url], key: controlPlane.gatewayKey, gatewayIds };
  const beating = bench.run({ workload, connections, ratePerS: gatewayIds.length / intervalS, byTimer: true, warmUpS: 0, seconds });
  const [value] = await Promise.all([act(), beating]);
  return value;
}

async function consoleRows(bench: Bench, planes: Planes, count: number, why: Why): Promise<Row[]> {
  const quietMs = bench.options.quick ? 15_000 : 60_000;
  const seen: Record<string, TabTraffic> = {};
  let stir: string | undefined;
  for (const [name, plane] of Object.entries(planes)) {
    // Every instance has beaten before the tab is opened: none is late, and none comes back.
    await whileBeating(bench, plane, intervalS, () => Promise.resolve());
    const watch = () => watchQuietTab(plane, quietMs, name === 'today');
    const { moved, ...traffic } = await whileBeating(bench, plane, maxWatched * (quietMs / 1000 + 15), watch);
    seen[name] = traffic;
    if (moved > 0) stir = `Nothing was to happen, but ${moved} instances changed their liveness: beats came late.`;
    console.log(
      `  ${name}: a tab got ${traffic.firstPage} bytes, and ${Math.round(traffic.quietMinute)} a minute in which ${moved} instances changed`,
    );
  }
  const whyNot = why.why ?? stir;
  const row = (metric: string, of: (traffic: TabTraffic) => number, atMost: number): Row => {
    const rounds = (name: string) => seen[name] && roundsOf([of(seen[name]) / 1000]);
    const before = rounds('before');
    const note = { note: 'answers of the API to a real browser, compressed, heads and all; scripts and styles apart' };
    return bounded(
      { metric, unit: 'kB', ...note, ...(whyNot !== undefined && { why: whyNot }) },
      roundsOf([of(seen['today'] as TabTraffic) / 1000]),
      { atMost },
      before && { peer, rounds: before },
    );
  };
  return [
    row(`Console tab at ${large(count)} instances: first page`, ({ firstPage }) => firstPage, 60),
    row(`Console tab at ${large(count)} instances: a minute in which they only beat`, ({ quietMinute }) => quietMinute, 20),
  ];
}

const maxWatched = 2;

/** Watched once more where something happened after all: a machine that is too busy to beat in time makes instances late. */
async function watchQuietTab({ controlPlane }: Plane, quietMs: number, notesChanges: boolean): Promise<TabTraffic & { moved: number }> {
  for (let watched = 1; ; watched += 1) {
    const before = notesChanges ? await transitions(controlPlane.databaseUrl) : 0;
    const traffic = await watchConsoleTab(controlPlane, quietMs);
    const moved = notesChanges ? (await transitions(controlPlane.databaseUrl)) - before : 0;
    if (moved === 0 || watched === maxWatched) return { ...traffic, moved };
  }
}

/** Generations are made after the answer to who changed something: the time for it is watched too. */
const afterChangeMs = 2_000;
const changesARound = 2;
/**
 * The Control Plane looks after all leases each five seconds, which costs more than a change. So that one round of it falls into each window, they are as
 * long: two changes and a second to settle.
 */
const windows = { idleMs: 5_000, settleMs: 5_000 - changesARound * afterChangeMs };

async function changeRows(bench: Bench, planes: Planes, count: number, why: Why): Promise<Row[]> {
  for (const { controlPlane } of Object.values(planes)) await comeToRest(controlPlane.databaseUrl);
  const change =
    ({ controlPlane, caller }: Plane) =>
    async () => {
      const walBefore = await walBytes(controlPlane.databaseUrl);
      const mintSome = async () => {
        for (let minted = 0; minted < changesARound; minted += 1) {
          await mintKey(controlPlane, caller.consumerId);
          await delay(afterChangeMs);
        }
      };
      const cost = await costMs(controlPlane.meters, mintSome, windows);
      const walMb = ((await walBytes(controlPlane.databaseUrl)) - walBefore) / 1e6;
      return { controlPlane: cost.controlPlane / changesARound, database: cost.database / changesARound, walMb: walMb / changesARound };
    };
  const changes = Object.fromEntries(Object.entries(planes).map(([name, plane]) => [name, change(plane)]));
  const measured = await interleave(bench.options.rounds, changes, (round, name, { controlPlane, database, walMb }) =>
    console.log(
      `  round ${round}  ${name.padEnd(8)} one key: Control Plane ${controlPlane.toFixed(1)} ms, PostgreSQL ${database.toFixed(1)} ms, ${walMb.toFixed(3)} MB of log`,
    ),
  );
  const row = (metric: string, unit: string, of: 'controlPlane' | 'database' | 'walMb', atMost: number): Row => {
    const rounds = (name: string) => measured[name] && roundsOf(measured[name].map((value) => value[of]));
    const before = rounds('before');
    const named = {
      metric: `One key changed, ${large(count)} registered: ${metric}`,
      unit,
      note: 'without what both do where nothing changes: autovacuum, checkpoints, the round over the leases',
    };
    return bounded({ ...named, ...why }, rounds('today') as NonNullable<typeof before>, { atMost }, before && { peer, rounds: before });
  };
  return [
    row('processor time of the Control Plane', 'ms', 'controlPlane', 30),
    row('processor time of PostgreSQL', 'ms', 'database', 30),
    row('write-ahead log of PostgreSQL', 'MB', 'walMb', 0.5),
  ];
}

/** Each beat is validated and committed before it is answered; afterwards the database must hold the last that was acknowledged to each. */
async function heartbeatRows(bench: Bench, { controlPlane, gatewayIds }: Plane, count: number, why: Why): Promise<Row[]> {
  const express = await startExpress(bench);
  const ratePerS = count / intervalS;
  const beats = (url: string): WorkloadSpec => ({ kind: 'heartbeat', urls: [url], key: controlPlane.gatewayKey, gatewayIds });
  const subjects = (more: Partial<Subject>): Record<'Control Plane' | 'Express', Subject> => ({
    'Control Plane': { connections, pids: [controlPlane.process.pid], workload: beats(controlPlane.url), ...more },
    Express: { connections, pids: [express.pid], workload: beats(express.url), ...more },
  });
  const paced = await throughput(bench, subjects({ ratePerS, byTimer: true }));
  const flatOut = await throughput(bench, subjects({}));
  const results = [...paced['Control Plane'].results, ...flatOut['Control Plane'].results];
  const checked = await requireStored(controlPlane.databaseUrl, gatewayIds, results);
  const name = `Heartbeats of ${large(count)} instances at ${intervalS} s (${Math.round(ratePerS)}/s)`;
  const express5 = `${named('express')} answering the same JSON, no database`;
  return [
    bounded(
      { metric: `${name}: p99 from when a beat was due`, unit: 'ms', ...why },
      p99(paced['Control Plane']),
      { atMost: 50 },
      { peer: express5, rounds: p99(paced.Express) },
    ),
    compare(
      {
        metric: `${name}: processor time of the Control Plane for a beat`,
        unit: 'µs',
        peer: express5,
        ...why,
        note: `${large(checked)} gateways checked in the database`,
      },
      paced['Control Plane'].cpuUs,
      paced.Express.cpuUs,
      { atMost: 1 },
    ),
    compare(
      { metric: `Heartbeats as fast as they are answered, ${connections} connections`, unit: '/s', peer: express5, note: cpuNote(flatOut) },
      flatOut['Control Plane'],
      flatOut.Express,
    ),
  ];
}

const p99 = ({ results }: Throughput) => roundsOf(results.map(({ latencies }) => new Histogram().add(latencies).quantile(0.99) / 1000));

const cpuNote = (measured: Record<'Control Plane' | 'Express', Throughput>): string =>
  `processor time for a beat ${measured['Control Plane'].cpuUs.median.toFixed(0)} µs against ${measured.Express.cpuUs.median.toFixed(0)} µs`;
