import { setTimeout as delay } from 'node:timers/promises';
import { interleave } from '../measure/interleave.ts';
import { bounded, compare, reasonOf, roundsOf } from '../report/result.ts';
import type { Row, Rounds } from '../report/result.ts';
import type { Change } from '../load/polls.ts';
import { catalogDocument, oneItemDocument } from '../subjects/catalog.ts';
import type { Bench } from '../system/bench.ts';
import { createCaller, mintKey, publish, publishCatalog } from '../system/catalog-system.ts';
import type { Caller } from '../system/catalog-system.ts';
import { must, startControlPlane } from '../system/control-plane.ts';
import type { ControlPlane } from '../system/control-plane.ts';
import { costMs } from '../system/cost.ts';
import { startGateway, untilCall } from '../system/gateway.ts';
import type { RunningGateway } from '../system/gateway.ts';
import { startUpstream } from '../system/items-system.ts';
import { beforeDifferences, buildOf } from '../system/past-build.ts';

/** With the edited API of ten tools, about 4.9 MB of configuration. */
const apis = 40;
const toolsEach = 100;
const editedTools = 10;
const gateways = 100;
const realGateways = 4;
const manyPolls = 5_000;
const asksPerS = 50;
const afterOpeningMs = 5_000;
const changedWithinMs = 120_000;
const healthProbesPerS = 200;
/** A program that has just started runs its code unoptimised for the first changes; one that serves a fleet has done a few. */
const warmUpChanges = 10;

/** A Control Plane with a catalogue, and light clients that poll it. */
type Plane = { controlPlane: ControlPlane; caller: Caller; editedApi: string; polls: string; upstreamUrl: string; editions: number };

/** What one change costs the Control Plane when many instances wait for it. */
export async function fanOut(bench: Bench): Promise<Row[]> {
  const upstreamUrl = await startUpstream(bench);
  const today = await openPlane(bench, 'today', upstreamUrl);
  const before = await buildOf(beforeDifferences).then((dist) => openPlane(bench, 'before', upstreamUrl, dist), reasonOf);
  const rows = await changeRows(bench, today, before);
  if (typeof before !== 'string') {
    await bench.load('closePolls', before.polls);
    await before.controlPlane.process.stop();
  }
  rows.push(...(await manyPollsRows(bench, today)), await visibleRow(bench, today));
  return rows;
}

async function openPlane(bench: Bench, name: string, upstreamUrl: string, dist?: string): Promise<Plane> {
  const controlPlane = await startControlPlane(bench, { name, cores: bench.plan.cores?.subject, ...(dist !== undefined && { dist }) });
  const caller = await createCaller(controlPlane, 'caller');
  await publishCatalog(controlPlane, { apis, toolsEach, upstreamUrl, environments: () => ['bench'], caller });
  const editedApi = await publish(controlPlane, 'edited', editedDocument(upstreamUrl, 1), ['bench', 'many'], caller);
  const polls = await bench.load('openPolls', fleetOf(controlPlane, 'bench', 'light', gateways));
  await delay(afterOpeningMs);
  return { controlPlane, caller, editedApi, polls, upstreamUrl, editions: 1 };
}

const editedDocument = (url: string, edition: number) => catalogDocument('edited', { tools: editedTools, url, edition });

function fleetOf({ url, gatewayKey }: ControlPlane, environment: string, names: string, count: number) {
  return { url, key: gatewayKey, environment, names, count, connections: 16 };
}

const keyChange =
  ({ controlPlane, caller }: Plane) =>
  async (): Promise<void> =>
    void (await mintKey(controlPlane, caller.consumerId));
const editChange = (plane: Plane) => async (): Promise<void> => {
  plane.editions += 1;
  const { client } = plane.controlPlane;
  const params = { path: { api_id: plane.editedApi } };
  must(await client.updateApi({ params, body: { document: editedDocument(plane.upstreamUrl, plane.editions) } }));
};

type Spread = { change: Change; controlPlane: number; database: number };

/** Makes a change and waits until every instance has acknowledged it; what it cost. */
async function spread(bench: Bench, { controlPlane, polls }: Plane, act: () => Promise<void>): Promise<Spread> {
  await bench.load('expectChange', polls);
  let change: Change | undefined;
  const cost = await costMs(controlPlane.meters, async () => {
    await act();
    change = await bench.load('untilChanged', { name: polls, withinMs: changedWithinMs });
  });
  return { change: change as Change, ...cost };
}

async function warmUp(bench: Bench, plane: Plane): Promise<void> {
  for (let made = 0; made < (bench.options.quick ? 1 : warmUpChanges); made += 1) {
    await bench.load('expectChange', plane.polls);
    await keyChange(plane)();
    await bench.load('untilChanged', { name: plane.polls, withinMs: changedWithinMs });
  }
}

/** The same change with the page asked all the while that an orchestrator asks; in rounds of its own, since being asked costs processor time. */
async function worstHealth(bench: Bench, { controlPlane, polls }: Plane, act: () => Promise<void>): Promise<number> {
  const probe = await bench.load('startProbe', { url: `${controlPlane.url}/healthz`, ratePerS: healthProbesPerS });
  await bench.load('expectChange', polls);
  await act();
  await bench.load('untilChanged', { name: polls, withinMs: changedWithinMs });
  const { worstMs } = await bench.load('stopProbe', probe);
  return worstMs;
}

async function changeRows(bench: Bench, today: Plane, before: Plane | string): Promise<Row[]> {
  const planes = typeof before === 'string' ? { today } : { today, before };
  const names = Object.keys(planes) as (keyof typeof planes)[];
  for (const plane of Object.values(planes)) await warmUp(bench, plane);
  const each = <Value>(act: (plane: Plane) => Promise<Value>, tell: (value: Value) => string): Promise<Record<string, Value[]>> =>
    interleave(bench.options.rounds, Object.fromEntries(names.map((name) => [name, () => act(planes[name] as Plane)])), (round, name, value) =>
      console.log(`  round ${round}  ${name.padEnd(8)} ${tell(value)}`),
    );
  const costs = ({ controlPlane, database, change }: Spread): string =>
    `Control Plane ${controlPlane.toFixed(0)} ms, PostgreSQL ${database.toFixed(0)} ms, ${change.bytes[0]} bytes a gateway`;
  const keys = await each(
    (plane) => spread(bench, plane, keyChange(plane)),
    (value) => `one key: ${costs(value)}`,
  );
  const health = await each(
    (plane) => worstHealth(bench, plane, keyChange(plane)),
    (value) => `worst /healthz ${value.toFixed(1)} ms`,
  );
  const edits = await each(
    (plane) => spread(bench, plane, editChange(plane)),
    (value) => `one edit: ${costs(value)}`,
  );
  const peer = `the build of ${beforeDifferences}`;
  const against = (values: Record<string, Spread[]>) =>
    values['before'] === undefined ? undefined : { peer, rounds: roundsOf(values['before'].map(({ controlPlane }) => controlPlane)) };
  const ours = (values: Record<string, Spread[]>): Rounds => roundsOf((values['today'] as Spread[]).map(({ controlPlane }) => controlPlane));
  const database = (values: Record<string, Spread[]>): string =>
    `PostgreSQL ${roundsOf((values['today'] as Spread[]).map((value) => value.database)).median.toFixed(0)} ms more`;
  const size = `${gateways} gateways × 4.9 MB`;
  const note = (text: string) => ({ note: [text, ...(typeof before === 'string' ? [before] : [])].join('; ') });
  const sent = (edits['today'] as Spread[]).map(({ change }) => Math.max(...change.bytes));
  const itemBytes = (edits['today'] as Spread[]).map(({ change }) => change.items.find(({ id }) => id.startsWith('api:'))?.size ?? Number.NaN);
  return [
    bounded(
      { metric: `One key, ${size}: processor time of the Control Plane`, unit: 'ms', ...note(database(keys)) },
      ours(keys),
      { atMost: 50 },
      against(keys),
    ),
    bounded(
      { metric: `One key, ${size}: worst /healthz`, unit: 'ms', ...note(`asked ${healthProbesPerS} times a second`) },
      longest(health['today'] as number[]),
      { atMost: 50 },
      health['before'] === undefined ? undefined : { peer, rounds: longest(health['before']) },
    ),
    bounded(
      { metric: `One API of ${editedTools} tools edited, ${size}: processor time of the Control Plane`, unit: 'ms', ...note(database(edits)) },
      ours(edits),
      { atMost: 150 },
      against(edits),
    ),
    compare(
      { metric: `One API of ${editedTools} tools edited: bytes sent to a gateway, head and all`, unit: 'bytes', peer: 'the bytes of the item' },
      roundsOf(sent),
      roundsOf(itemBytes),
      { atMost: 2 },
    ),
  ];
}

/** The worst of all rounds is what counts. */
const longest = (values: readonly number[]): Rounds => ({ median: Math.max(...values), values });

/** A change of its own, since to answer operators costs processor time too. */
async function whileOperatorsAsk(bench: Bench, plane: Plane): Promise<{ statuses: Record<number, number>; badAnswers: Record<number, number> }> {
  const { url, adminToken } = plane.controlPlane;
  const headers = { authorization: `Bearer ${adminToken}` };
  const asked = await bench.load('startProbe', { url: `${url}/v1/consumers?limit=1`, headers, ratePerS: asksPerS });
  const { change } = await spread(bench, plane, keyChange(plane));
  const { statuses } = await bench.load('stopProbe', asked);
  return { statuses, badAnswers: change.badAnswers };
}

/** Thousands of instances that wait, a change that concerns them all, and operators who ask for other things meanwhile. */
async function manyPollsRows(bench: Bench, { controlPlane, ...plane }: Plane): Promise<Row[]> {
  const count = bench.options.quick ? manyPolls / 5 : manyPolls;
  const polls = await bench.load('openPolls', fleetOf(controlPlane, 'many', 'many', count));
  // What opening them left to do would be taken for what is used when nothing happens.
  await delay(afterOpeningMs);
  const many: Plane = { ...plane, controlPlane, polls };
  await warmUp(bench, many);
  const values: number[] = [];
  const refused: number[] = [];
  for (let round = 1; round <= bench.options.rounds; round += 1) {
    const { change, controlPlane: cpu } = await spread(bench, many, keyChange(many));
    const { statuses, badAnswers } = await whileOperatorsAsk(bench, many);
    const unavailable = (statuses[503] ?? 0) + (badAnswers[503] ?? 0) + (change.badAnswers[503] ?? 0);
    values.push(cpu);
    refused.push(unavailable);
    console.log(
      `  round ${round}  ${count} polls: Control Plane ${cpu.toFixed(0)} ms, ${unavailable} times 503, other answers ${JSON.stringify({ ...statuses, ...badAnswers })}`,
    );
  }
  await bench.load('closePolls', polls);
  const why = count < manyPolls ? { why: `A quick run opens only ${count} polls.` } : {};
  const metric = `${count.toLocaleString('en-US')} long polls open, one change`;
  return [
    bounded({ metric: `${metric}: answers of 503, to polls, acknowledgements and operators`, unit: 'answers', ...why }, longest(refused), {
      atMost: 0,
    }),
    bounded({ metric: `${metric}: processor time of the Control Plane`, unit: 's', ...why }, roundsOf(values.map((ms) => ms / 1000)), {
      atMost: 1.5,
    }),
  ];
}

/**
 * From the request that edits an API to a call of the tool that it makes. A hundred Gateways do not fit on a small machine: a few are real, the others poll,
 * and the time is that of the slower of both: the 99th of the polls, and the last of the real ones to answer a call.
 */
async function visibleRow(bench: Bench, { controlPlane, caller, polls, upstreamUrl }: Plane): Promise<Row> {
  const real: RunningGateway[] = [];
  for (let at = 0; at < realGateways; at += 1)
    real.push(await startGateway(bench, controlPlane, { name: `real-${at}`, environment: 'bench', cores: undefined }));
  for (const gateway of real) await untilCall(gateway, caller.key, 'ping_ping', {});
  const seconds: number[] = [];
  const api_id = await publish(controlPlane, 'visible', oneItemDocument(upstreamUrl, 'edition_0'), ['bench'], caller);
  for (const gateway of real) await untilCall(gateway, caller.key, 'visible_edition_0', {});
  for (let round = 1; round <= bench.options.rounds; round += 1) {
    await bench.load('expectChange', polls);
    const sinceMs = performance.timeOrigin + performance.now();
    // Each edition's tool has a name of its own, so that a call tells which one is served.
    const answered = real.map(async (gateway) => {
      await untilCall(gateway, caller.key, `visible_edition_${round}`, {}, { pauseMs: 10 });
      return performance.timeOrigin + performance.now();
    });
    must(await controlPlane.client.updateApi({ params: { path: { api_id } }, body: { document: oneItemDocument(upstreamUrl, `edition_${round}`) } }));
    const { receivedAtMs } = await bench.load('untilChanged', { name: polls, withinMs: changedWithinMs });
    const polled = receivedAtMs.toSorted((a, b) => a - b)[Math.ceil(receivedAtMs.length * 0.99) - 1] ?? Number.NaN;
    const called = Math.max(...(await Promise.all(answered)));
    seconds.push((Math.max(polled, called) - sinceMs) / 1000);
    console.log(
      `  round ${round}  an edit is visible: polls (p99) ${(polled - sinceMs).toFixed(0)} ms, last of ${realGateways} Gateways ${(called - sinceMs).toFixed(0)} ms`,
    );
  }
  return bounded(
    {
      metric: `Edit visible to a tool call on ${gateways} gateways, p99`,
      unit: 's',
      why: `A hundred Gateways need more cores than this machine has, or they wait for each other and not for the change. ${realGateways} real ones and ${gateways} polling light clients were measured instead: the later of the 99th poll answered and the last Gateway that answers a call.`,
    },
    roundsOf(seconds),
    { atMost: 1 },
  );
}
