import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../measure/median.ts';
import { bounded, compare, reasonOf, roundsOf } from '../report/result.ts';
import type { Row, Rounds } from '../report/result.ts';
import { catalogDocument } from '../subjects/catalog.ts';
import type { Bench } from '../system/bench.ts';
import { createCaller, mintKey, publish, publishCatalog } from '../system/catalog-system.ts';
import type { Caller } from '../system/catalog-system.ts';
import { startControlPlane } from '../system/control-plane.ts';
import type { ControlPlane } from '../system/control-plane.ts';
import { costMs } from '../system/cost.ts';
import { cpuMeter, cpuSecondsSinceStart, residentMb } from '../system/cpu-time.ts';
import { startGateway, untilAcknowledged, untilCall } from '../system/gateway.ts';
import type { RunningGateway } from '../system/gateway.ts';
import { startUpstream } from '../system/items-system.ts';
import { beforeDifferences, buildOf } from '../system/past-build.ts';
import { longestStall } from '../system/stall.ts';

const toolsEach = 100;
const apis = 100;
/** Every tenth API goes to the small Gateway too. */
const smallShare = 10;
const changesBeforeMemory = 4;
const afterStartMs = 10_000;

/** What a change, a start and an API more cost, by how much is there already. */
export async function scale(bench: Bench): Promise<Row[]> {
  return [...(await gatewayRows(bench)), ...(await publishRows(bench))];
}

type Gateways = { large: RunningGateway; small: RunningGateway; before: RunningGateway | undefined; beforeReason: string };

/** One Control Plane serves a Gateway with all tools, one with a tenth, and one of the build before with all: the same change reaches them at once. */
async function gatewayRows(bench: Bench): Promise<Row[]> {
  const upstreamUrl = await startUpstream(bench);
  const controlPlane = await startControlPlane(bench);
  const caller = await createCaller(controlPlane, 'caller');
  const environments = (at: number): string[] => (at % smallShare === 0 ? ['large', 'small'] : ['large']);
  await publishCatalog(controlPlane, { apis, toolsEach, upstreamUrl, environments, caller });
  const gateways = await startGateways(bench, controlPlane);
  for (const gateway of runningOf(gateways)) await untilCall(gateway, caller.key, 'ping_ping', {});
  // What their start left to do would count as the cost of the first change.
  await delay(afterStartMs);
  const changes = await measureChanges(bench, controlPlane, gateways, caller);
  const start = await measureStart(bench, controlPlane, gateways, caller);
  const tools = `${(apis * toolsEach).toLocaleString('en-US')} tools`;
  const previous = gateways.before === undefined ? undefined : `the build of ${beforeDifferences}`;
  const against = (rounds: Rounds) => (previous === undefined ? undefined : { peer: previous, rounds });
  const note = previous === undefined ? { note: gateways.beforeReason } : {};
  return [
    bounded(
      { metric: `One key changed, Gateway with ${tools}: processor time`, unit: 'ms', ...note },
      changes.large,
      { atMost: 20 },
      against(changes.before),
    ),
    stallRow(tools, changes, previous),
    compare(
      { metric: `One key changed: processor time with ${tools}`, unit: 'ms', peer: `a Gateway with ${(apis / smallShare) * toolsEach} tools` },
      changes.large,
      changes.small,
      { atMost: 1.5 },
    ),
    bounded(
      {
        metric: `Gateway memory with ${tools} after ${changesBeforeMemory} changes`,
        unit: 'MB',
        note: `resident; at most ${changes.highestMb.toFixed(0)} MB until then`,
      },
      changes.memoryMb,
      { atMost: 250 },
      against(changes.beforeMemoryMb),
    ),
    bounded({ metric: `Gateway start from disk with ${tools} to the first answer: processor time`, unit: 's', note: start.note }, start.rounds, {
      atMost: 2,
    }),
  ];
}

async function startGateways(bench: Bench, controlPlane: ControlPlane): Promise<Gateways> {
  const large = await startGateway(bench, controlPlane, { name: 'large', environment: 'large' });
  const small = await startGateway(bench, controlPlane, { name: 'small', environment: 'small' });
  try {
    const dist = await buildOf(beforeDifferences);
    return { large, small, before: await startGateway(bench, controlPlane, { name: 'before', environment: 'large', dist }), beforeReason: '' };
  } catch (error) {
    return { large, small, before: undefined, beforeReason: reasonOf(error) };
  }
}

const runningOf = ({ large, small, before }: Gateways): RunningGateway[] => [large, small, ...(before === undefined ? [] : [before])];

type Changes = {
  large: Rounds;
  small: Rounds;
  before: Rounds;
  stalls: { processorMs: Rounds; clockMs: Rounds };
  stallsBefore: Rounds;
  memoryMb: Rounds;
  beforeMemoryMb: Rounds;
  highestMb: number;
};

/** In each round one key for the processor time and one for the stalls, since watching costs processor time itself. */
async function measureChanges(bench: Bench, controlPlane: ControlPlane, gateways: Gateways, caller: Caller): Promise<Changes> {
  const running = runningOf(gateways);
  const change = async (): Promise<void> => {
    const acknowledged = await untilAcknowledged(controlPlane, running);
    await mintKey(controlPlane, caller.consumerId);
    await acknowledged();
  };
  const meters = Object.fromEntries(running.map(({ name, pid }) => [name, cpuMeter([pid])]));
  const costs: Record<string, number>[] = [];
  const stalls: { processorMs: number; clockMs: number; beforeMs: number }[] = [];
  let memory: { now: number; highest: number }[] = [];
  const rounds = Math.max(changesBeforeMemory / 2, bench.options.rounds);
  for (let round = 1; round <= rounds; round += 1) {
    const cost = await costMs(meters, change);
    costs.push(cost);
    let stallBefore = Number.NaN;
    const watched = async (): Promise<void> => {
      if (gateways.before === undefined) return change();
      stallBefore = (await longestStall(gateways.before.stallSocket, change)).processorMs;
    };
    const stall = await longestStall(gateways.large.stallSocket, watched);
    stalls.push({ ...stall, beforeMs: stallBefore });
    console.log(
      `  round ${round}  ${running.map(({ name }) => `${name} ${cost[name]?.toFixed(1)} ms`).join('  ')}  longest turn ${stall.processorMs.toFixed(1)} ms`,
    );
    if (round * 2 === changesBeforeMemory) memory = running.map(({ pid }) => residentMb(pid));
  }
  const of = (name: string): Rounds => roundsOf(costs.map((cost) => cost[name] ?? Number.NaN));
  const memoryOf = (at: number): Rounds => roundsOf([memory[at]?.now ?? Number.NaN]);
  return {
    large: of('large'),
    small: of('small'),
    before: of('before'),
    stalls: { processorMs: roundsOf(stalls.map(({ processorMs }) => processorMs)), clockMs: roundsOf(stalls.map(({ clockMs }) => clockMs)) },
    stallsBefore: roundsOf(stalls.map(({ beforeMs }) => beforeMs)),
    memoryMb: memoryOf(0),
    beforeMemoryMb: memoryOf(2),
    highestMb: memory[0]?.highest ?? Number.NaN,
  };
}

/** The longest of all rounds, not their median: one stall is one too many. */
function stallRow(tools: string, { stalls, stallsBefore }: Changes, previous: string | undefined): Row {
  const longest = ({ values }: Rounds): Rounds => ({ median: Math.max(...values), values });
  return bounded(
    {
      metric: `One key changed, Gateway with ${tools}: longest turn of the event loop in all rounds, by its processor time`,
      unit: 'ms',
      note: `the turns of a process that waits for a core that others have are longer by the clock: ${stalls.clockMs.median.toFixed(1)} ms (median of the longest)`,
    },
    longest(stalls.processorMs),
    { atMost: 5 },
    previous === undefined ? undefined : { peer: previous, rounds: longest(stallsBefore) },
  );
}

/** Starts again what was stopped, while the Control Plane is halted: what it serves can only be from its disk. */
async function measureStart(
  bench: Bench,
  controlPlane: ControlPlane,
  { large, before }: Gateways,
  caller: Caller,
): Promise<{ rounds: Rounds; note: string }> {
  await before?.stop();
  await large.stop();
  const values: number[] = [];
  const seconds: number[] = [];
  process.kill(controlPlane.process.pid, 'SIGSTOP');
  try {
    for (let round = 1; round <= bench.options.rounds; round += 1) {
      const since = performance.now();
      const again = await startGateway(bench, controlPlane, { name: 'large', environment: 'large', unwatched: true });
      await untilCall(again, caller.key, 'ping_ping', {}, { pauseMs: 5 });
      values.push(cpuSecondsSinceStart(again.pid));
      seconds.push((performance.now() - since) / 1000);
      console.log(`  round ${round}  start from disk ${values.at(-1)?.toFixed(2)} s of processor`);
      await again.stop();
    }
  } finally {
    process.kill(controlPlane.process.pid, 'SIGCONT');
  }
  return { rounds: roundsOf(values), note: `by the clock ${median(seconds).toFixed(2)} s; the Control Plane was halted meanwhile` };
}

const published = 1_000;
const publishedForMemory = 732;
/** Published before the first that count, so that it is not the warming up of the programs that is compared. */
const warmUp = 40;
const group = 10;
const groupsCompared = 3;

/** APIs of ten tools each, made and deployed one by one to an environment with an instance in it. */
async function publishRows(bench: Bench): Promise<Row[]> {
  const count = bench.options.quick ? published / 5 : published;
  const controlPlane = await startControlPlane(bench, { name: 'publishing', cores: bench.plan.cores?.subject });
  const polls = await bench.load('openPolls', {
    url: controlPlane.url,
    key: controlPlane.gatewayKey,
    environment: 'bench',
    names: 'instance',
    count: 1,
    connections: 1,
  });
  const used = (): number => controlPlane.meters.controlPlane() + controlPlane.meters.database();
  const perGroup: number[] = [];
  let memory = { now: Number.NaN, highest: Number.NaN };
  for (let at = 0, from = used(); at < count; at += 1) {
    const name = `catalog-${at}`;
    await publish(controlPlane, name, catalogDocument(name, { tools: 10, url: 'http://127.0.0.1:9' }), ['bench']);
    if ((at + 1) % group === 0) {
      perGroup.push((used() - from) * 1000);
      from = used();
    }
    if (at + 1 === Math.min(publishedForMemory, count)) memory = residentMb(controlPlane.process.pid);
    if ((at + 1) % 100 === 0) console.log(`  ${at + 1} APIs, the last ten for ${perGroup.at(-1)?.toFixed(0)} ms of processor`);
  }
  await bench.load('closePolls', polls);
  const bytes = await configurationBytes(bench, controlPlane);
  const first = roundsOf(perGroup.slice(warmUp / group, warmUp / group + groupsCompared));
  const last = roundsOf(perGroup.slice(-groupsCompared));
  const why = bench.options.quick ? { why: `A quick run makes only ${count} APIs.` } : {};
  return [
    compare(
      {
        metric: `${count.toLocaleString('en-US')} APIs made and deployed one by one: processor time of the last ten, Control Plane and PostgreSQL`,
        unit: 'ms',
        peer: `of the first ten, after ${warmUp}`,
        note: `medians of ${groupsCompared} tens`,
        ...why,
      },
      last,
      first,
      { atMost: 1.2 },
    ),
    bounded(
      {
        metric: `Control Plane memory at ${Math.min(publishedForMemory, count)} APIs`,
        unit: 'MB',
        note: `resident; at most ${memory.highest.toFixed(0)} MB until then; ${(bytes / count / 1000).toFixed(1)} kB of configuration an API`,
        ...why,
      },
      roundsOf([memory.now]),
      { atMost: 250 },
    ),
  ];
}

/** What the items of a new instance come to. */
async function configurationBytes(bench: Bench, { url, gatewayKey }: ControlPlane): Promise<number> {
  const { instances } = await bench.load('registerFleet', { url, key: gatewayKey, environment: 'bench', names: 'reader', count: 1, connections: 1 });
  const response = await fetch(`${url}/v1/internal/gateways/${instances[0]?.gatewayId}/config`, {
    headers: { authorization: `Bearer ${gatewayKey}` },
  });
  return (await response.text()).length;
}
