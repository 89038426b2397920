import { oneItemDocument } from '../subjects/catalog.ts';
import { interleave } from '../measure/interleave.ts';
import { compare, reasonOf, roundsOf, unmeasured } from '../report/result.ts';
import type { Row } from '../report/result.ts';
import type { LoadJob } from '../load/job.ts';
import type { Bench } from '../system/bench.ts';
import { createCaller, publish } from '../system/catalog-system.ts';
import { startControlPlane } from '../system/control-plane.ts';
import type { ControlPlane } from '../system/control-plane.ts';
import { beforeIdentity, buildOf } from '../system/past-build.ts';
import { comeToRest } from '../system/stored.ts';

const instances = 10_000;
const intervalS = 30;
const connections = 64;
/** Few enough that each has been given its state before anything is counted. */
const asking = 500;
const target = { atMost: 1.1 };
const peer = `the build of ${beforeIdentity}`;

type Plane = { controlPlane: ControlPlane; gatewayIds: string[] };
/** Microseconds of processor for each answer. */
type Cost = { controlPlane: number; database: number };

/** What runtimes cost since each row is held to its tenant, against the build before: their heartbeats, and their questions for another configuration. */
export async function fleetRows(bench: Bench): Promise<Row[]> {
  const count = bench.options.quick ? instances / 5 : instances;
  const ratePerS = Math.round(count / intervalS);
  const jobs = {
    heartbeat: `Heartbeats of ${count.toLocaleString('en-US')} instances at ${intervalS} s (${ratePerS}/s)`,
    'unchanged-config': `Runtimes ask for another configuration, and there is none (${ratePerS}/s)`,
  };
  const dist = await buildOf(beforeIdentity).then((path) => ({ path }), reasonOf);
  const kinds = ['heartbeat', 'unchanged-config'] as const;
  const named = (kind: (typeof kinds)[number]) => ({ metric: `${jobs[kind]}: processor time of Control Plane and PostgreSQL for each`, unit: 'µs' });
  if (typeof dist === 'string') return kinds.map((kind) => unmeasured({ ...named(kind), why: dist }, target, '×'));
  const planes = { today: await openPlane(bench, 'today', count), before: await openPlane(bench, 'before', count, dist.path) };
  const costs = {
    heartbeat: await costsOf(bench, 'heartbeat', planes, ratePerS),
    'unchanged-config': await costsOf(bench, 'unchanged-config', { today: askingOf(planes.today), before: askingOf(planes.before) }, ratePerS),
  };
  const why = bench.options.quick ? { why: `A quick run registers only ${count.toLocaleString('en-US')} instances.` } : {};
  return kinds.map((kind) => {
    const of = (name: 'today' | 'before', part: (cost: Cost) => number) => roundsOf(costs[kind][name].map(part));
    const both = ({ controlPlane, database }: Cost) => controlPlane + database;
    const parts = (['today', 'before'] as const).map((name) => {
      const [own, stored] = [of(name, ({ controlPlane }) => controlPlane), of(name, ({ database }) => database)];
      return `${own.median.toFixed(0)} and ${stored.median.toFixed(0)} µs`;
    });
    return compare(
      { ...named(kind), ...why, peer, note: `Control Plane and PostgreSQL ${parts.join(', before ')}` },
      of('today', both),
      of('before', both),
      target,
    );
  });
}

async function openPlane(bench: Bench, name: string, count: number, dist?: string): Promise<Plane> {
  const cores = bench.plan.cores;
  const controlPlane = await startControlPlane(bench, {
    name,
    cores: cores?.subject,
    databaseCores: cores && [...new Set([...cores.upstream, ...cores.store])],
    ...(dist !== undefined && { dist }),
  });
  await publish(controlPlane, 'ping', oneItemDocument('http://127.0.0.1:9', 'ping'), ['bench'], await createCaller(controlPlane, 'caller'));
  const { url, gatewayKey: key } = controlPlane;
  const fleet = await bench.load('registerFleet', { url, key, environment: 'bench', names: 'fleet', count, connections });
  await comeToRest(controlPlane.databaseUrl);
  return { controlPlane, gatewayIds: fleet.instances.map(({ gatewayId }) => gatewayId) };
}

const askingOf = (plane: Plane): Plane => ({ ...plane, gatewayIds: plane.gatewayIds.slice(0, asking) });

function costsOf(
  bench: Bench,
  kind: 'heartbeat' | 'unchanged-config',
  planes: Record<'today' | 'before', Plane>,
  ratePerS: number,
): Promise<Record<'today' | 'before', Cost[]>> {
  const turn =
    ({ controlPlane, gatewayIds }: Plane) =>
    async (): Promise<Cost> => {
      const workload = { kind, urls: [controlPlane.url], key: controlPlane.gatewayKey, gatewayIds };
      const job = { workload, connections, ratePerS, byTimer: true } satisfies Partial<LoadJob>;
      // What a program runs through for the first time in a round is not counted.
      await bench.run({ ...job, seconds: bench.options.warmUpS, warmUpS: 0 });
      const { controlPlane: own, database } = controlPlane.meters;
      const [ownFrom, databaseFrom] = [own(), database()];
      const { allAnswers } = await bench.run({ ...job, warmUpS: 0 });
      return { controlPlane: ((own() - ownFrom) * 1e6) / allAnswers, database: ((database() - databaseFrom) * 1e6) / allAnswers };
    };
  return interleave(bench.options.rounds, { today: turn(planes.today), before: turn(planes.before) }, (round, name, cost) =>
    console.log(
      `  round ${round}  ${kind}  ${name.padEnd(6)}  Control Plane ${cost.controlPlane.toFixed(0)} µs, PostgreSQL ${cost.database.toFixed(0)} µs each`,
    ),
  );
}
