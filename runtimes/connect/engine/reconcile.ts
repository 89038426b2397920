import type { Drift, ObservedState } from '@stoa/generated/schemas.ts';
import { AdminError } from './admin-error.ts';
import { applyWrites } from './apply.ts';
import { shorten } from './compare.ts';
import { findDrift } from './drift.ts';
import { judged, leftAlone, leftFindings, withoutLeft } from './leave.ts';
import type { Left } from './leave.ts';
import type { Applied, Change, DesiredConfig, Finding, GatewayAdapter, ManagedObject, PlanInput, Rejection, Rendered, WritePlan } from './model.ts';
import { rejectAll, summarize } from './outcome.ts';
import type { PassOutcome } from './outcome.ts';
import { isFew, readBack, scouted } from './read-back.ts';
import { remember } from './remember.ts';
import type { Renderer } from './render.ts';
import { planWithin, touchedBy } from './scope.ts';
import type { ChangeScope } from './scope.ts';

export type ObservedReport = Omit<ObservedState, 'lease_epoch'>;

/** What the gateway holds as far as is known. `isSettled`: all of it as that pass wanted it, so that who changes nothing of an item has nothing to plan for it. */
export type Known<Observed> = { readonly observed: Observed; readonly isSettled: boolean };

export type PassInput<Observed = unknown> = {
  readonly adapter: GatewayAdapter<Observed>;
  readonly render: Renderer;
  readonly config: DesiredConfig;
  /** What we wrote and did not take back, by the last pass. */
  readonly lastApplied: readonly ManagedObject[];
  /** What the last pass left: then only what this configuration changes is read anew. Without it everything is read. */
  readonly known?: Known<Observed> | undefined;
  /** Told what was found, before anything is written. */
  readonly onObserved: (report: ObservedReport) => void | Promise<void>;
  readonly shouldStop: () => boolean;
  readonly signal: AbortSignal;
  readonly nowMs: number;
};

/** What a look needs of it. */
export type PassReading<Observed = unknown> = Omit<PassInput<Observed>, 'shouldStop' | 'onObserved'>;

export type PassResult<Observed = unknown> = {
  readonly outcome: PassOutcome;
  readonly drift: readonly Drift[];
  /** What of it is still so; undefined when that is not certain. */
  readonly remaining?: readonly Drift[] | undefined;
  /** What to remember for the next pass. */
  readonly applied: readonly ManagedObject[];
  readonly writes: readonly Change[];
  /** What the gateway holds now, as far as it was read; undefined when that is not certain. */
  readonly known?: Known<Observed> | undefined;
  /** Why the gateway as a whole could not be worked on; undefined when it could. */
  readonly unavailable?: string;
  /** Something failed that may succeed when tried again soon. */
  readonly retry: boolean;
};

/** Plans that one pass makes at most: a gateway of documents tells one fault at a time, and somebody else may write at the same time. */
const maxRounds = 5;
/** The contract takes no more than this in a report. */
const maxDrift = 10_000;

type Round<Observed> = {
  readonly plan: WritePlan;
  readonly applied: Applied;
  readonly planning: PlanInput<Observed>;
  readonly scope: ChangeScope | undefined;
};
/** What a pass found different, and what of it stays so. */
type Found = { readonly drift: Drift[]; readonly left: Left };

/**
 * One pass: fetch, transform, plan, report, apply, read back, and plan again. What the second plan still wants is not applied,
 * whatever the gateway answered to the writes (lessons 12 and 14).
 */
export async function reconcile<Observed>(input: PassInput<Observed>): Promise<PassResult<Observed>> {
  const { adapter, config, lastApplied } = input;
  let looked: Looked<Observed>;
  try {
    looked = await lookAndPlan(input);
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    const reason = reasonOf(error);
    return { outcome: rejectAll(config.items, 'fetch', reason), drift: [], applied: lastApplied, writes: [], unavailable: reason, retry: true };
  }
  const { start, rendered, found } = looked;
  const { observed } = start;
  const { drift } = found;
  await input.onObserved({ target_gateway: adapter.describe(observed), apis: adapter.discovered(config.gateway_id, observed), drift });

  const { rounds, unread } = await applyInRounds(input, looked);
  return conclude(input, rendered, found, rounds, unread);
}

type Looked<Observed> = {
  readonly start: PlanInput<Observed>;
  readonly scope: ChangeScope | undefined;
  /** Without what is left as somebody made it. */
  readonly plan: WritePlan;
  readonly rendered: Rendered;
  readonly found: Found;
};

/** The half of a pass that only reads. @throws AdminError when the gateway cannot be read */
export async function lookAndPlan<Observed>(input: PassReading<Observed>): Promise<Looked<Observed>> {
  const { adapter, config, lastApplied, signal } = input;
  const { observed: seen, rendered, scope } = await look(input);
  const observed = await scouted({ adapter, desired: rendered.objects, signal }, seen);
  const held = heldBy(rendered.rejections);
  const start: PlanInput<Observed> = { gatewayId: config.gateway_id, desired: rendered.objects, lastApplied, observed, held, refused: new Map() };
  const plan = planWithin(adapter, start, scope);
  const differs = driftOf(input, plan, start);
  const left = leftAlone(config, plan, start, differs);
  return { start, scope, plan: withoutLeft(plan, left), rendered, found: { drift: judged(differs, left), left } };
}

function driftOf<Observed>(
  { adapter, config }: Pick<PassInput<Observed>, 'adapter' | 'config'>,
  { target }: WritePlan,
  { lastApplied, observed }: Pick<PlanInput<Observed>, 'lastApplied' | 'observed'>,
): Drift[] {
  return findDrift({ desired: target, lastApplied }, adapter.inspect(config.gateway_id, observed)).slice(0, maxDrift);
}

const renderOn = <Observed>({ adapter, render, config, lastApplied, nowMs }: PassReading<Observed>, observed: Observed): Rendered =>
  render(config, nowMs, adapter.incumbents?.(config.gateway_id, observed) ?? new Map(), lastApplied);

type Seen<Observed> = { readonly observed: Observed; readonly rendered: Rendered; readonly scope: ChangeScope | undefined };

/** What the gateway holds: all of it, or, where that is known, what the configuration changes. */
async function look<Observed>(input: PassReading<Observed>): Promise<Seen<Observed>> {
  const { adapter, config, known, lastApplied, signal } = input;
  const on = (observed: Observed, scope?: ChangeScope): Seen<Observed> => ({ observed, rendered: renderOn(input, observed), scope });
  if (known === undefined || adapter.refresh === undefined) return on(await adapter.fetch(config.gateway_id, signal));
  const rendered = renderOn(input, known.observed);
  const touched = touchedBy(rendered.objects, lastApplied);
  const source = { adapter, gatewayId: config.gateway_id, desired: rendered.objects, signal };
  const observed = await readBack(source, known.observed, touched);
  if (!known.isSettled || !isFew(touched)) return on(observed);
  // What was found as it was known takes nothing from any API that it had not taken before.
  const again = observed === known.observed ? rendered : renderOn(input, observed);
  const wider = again === rendered ? touched : touchedBy(again.objects, lastApplied);
  return { observed, rendered: again, scope: new Set(wider.map(({ owner }) => owner)) };
}

/** Applies, and plans again without what was refused, or on what somebody has written meanwhile. */
async function applyInRounds<Observed>(
  input: PassInput<Observed>,
  { start, plan: first, scope, found: { left } }: Looked<Observed>,
): Promise<{ rounds: readonly Round<Observed>[]; unread?: string }> {
  const rounds: Round<Observed>[] = [];
  let [planning, plan, within] = [start, first, scope];
  for (;;) {
    const applied = await applyWrites(input.adapter.writer(planning.observed), plan, {
      shouldStop: input.shouldStop,
      confirm: confirmer(input, planning),
    });
    rounds.push({ plan, applied, planning, scope: within });
    const isOver = applied.stopped !== undefined || (applied.culprits.size === 0 && !applied.stale);
    if (isOver || rounds.length === maxRounds) return { rounds };
    try {
      const { adapter, signal } = input;
      const observed = await scouted({ adapter, desired: planning.desired, signal }, await adapter.fetch(planning.gatewayId, signal));
      const lastApplied = remember(planning.lastApplied, plan, applied);
      planning = { ...planning, lastApplied, observed, refused: new Map([...planning.refused, ...applied.culprits]) };
      // Everything was read anew.
      within = undefined;
      plan = withoutLeft(adapter.plan(planning), left);
    } catch (error) {
      return { rounds, unread: reasonOf(error) };
    }
  }
}

/** Reads back what was written so far, where a plan asks for it before it goes on. */
function confirmer<Observed>({ adapter, signal }: PassInput<Observed>, { gatewayId, desired, observed: before }: PlanInput<Observed>) {
  let known = before;
  return async (changes: readonly Change[]): Promise<ReadonlyMap<Change, string>> => {
    known = await readBack(
      { adapter, gatewayId, desired, signal },
      known,
      changes.map(({ object }) => object),
    );
    const { find, mismatch } = adapter.inspect(gatewayId, known);
    // An object may be written twice; the last write counts.
    const last = new Map(changes.map((change) => [change.object.id, change]));
    return new Map(
      [...last.values()].flatMap((change): [Change, string][] => {
        const { action, object } = change;
        const found = find(object.kind, object.id);
        const isThere = found !== undefined;
        const fault = action === 'delete' ? (isThere ? 'it is still there' : undefined) : isThere ? mismatch(object, found) : 'it is not there';
        return fault === undefined ? [] : [[change, fault]];
      }),
    );
  };
}

const heldBy = (rejections: readonly Rejection[]): ReadonlySet<string> =>
  new Set(rejections.flatMap(({ effect, itemId }) => (effect === 'hold' ? [itemId] : [])));

async function conclude<Observed>(
  input: PassInput<Observed>,
  rendered: Rendered,
  { drift, left }: Found,
  rounds: readonly Round<Observed>[],
  unread: string | undefined,
): Promise<PassResult<Observed>> {
  const last = rounds.at(-1) as Round<Observed>;
  const { plan, applied, planning } = last;
  const writes = rounds.flatMap((round) => round.applied.done);
  const check = await verify(input, last, { writes, unread, left });
  const refused = findingsOfRefused(planning);
  const unsettled = [...plan.rejections, ...refused, ...failures(applied), ...check.findings];
  const rejections = [...rendered.rejections, ...unsettled];
  const isSettled = unsettled.length === 0 && applied.stopped === undefined && applied.failed.length === 0;
  return {
    outcome: summarize(input.config.items, rejections, [...rendered.warnings, ...leftFindings(drift, left, plan.target), ...(check.warnings ?? [])]),
    drift,
    remaining:
      drift.length === 0 || check.observed === undefined ? undefined : driftOf(input, plan, { lastApplied: check.applied, observed: check.observed }),
    applied: check.applied,
    writes,
    known: check.observed === undefined ? undefined : { observed: check.observed, isSettled },
    ...(applied.stopped?.cause === 'gateway_away' && { unavailable: applied.stopped.reason }),
    retry: applied.stopped !== undefined || applied.failed.some((failure) => !failure.refused) || check.findings.length > 0,
  };
}

/** What an earlier round left out. */
function findingsOfRefused({ desired, refused }: PlanInput<unknown>): Finding[] {
  if (refused.size === 0) return [];
  return desired.flatMap((object) => {
    const reason = refused.get(object.id);
    return reason === undefined ? [] : findings({ object }, 'apply', `${object.label}: ${reason}`);
  });
}

function failures({ failed, skipped, stopped }: Applied): Finding[] {
  const notTried = stopped?.reason ?? 'It was not tried, because an earlier change of the same item failed.';
  return [
    ...failed.flatMap(({ change, reason }) => findings(change, 'apply', reason)),
    ...(stopped === undefined ? [] : skipped.flatMap((change) => findings(change, 'apply', notTried))),
    // The owner's reason is that of the change that failed before them; the policies that they carry need one of their own.
    ...(stopped === undefined
      ? skipped.flatMap(({ object }) => object.alsoFor.map((itemId): Finding => ({ itemId, phase: 'apply', reason: `${object.label}: ${notTried}` })))
      : []),
  ];
}

function findings({ object }: Pick<Change, 'object'>, phase: Finding['phase'], reason: string): Finding[] {
  return [object.owner, ...object.alsoFor].map((itemId) => ({ itemId, phase, reason }));
}

type Check<Observed> = {
  findings: readonly Finding[];
  warnings?: readonly Finding[];
  applied: readonly ManagedObject[];
  observed: Observed | undefined;
};

/** Reads back and plans again. A gateway in which nothing was to be changed has just been read. */
async function verify<Observed>(
  input: PassInput<Observed>,
  { plan, applied, planning, scope }: Round<Observed>,
  { writes, unread, left }: { writes: readonly Change[]; unread: string | undefined; left: Left },
): Promise<Check<Observed>> {
  const { adapter, signal } = input;
  const remembered = remember(planning.lastApplied, plan, applied);
  if (writes.length === 0 && applied.failed.length === 0) {
    const served = await adapter.probe?.({ done: [], target: remembered, observed: planning.observed }, signal);
    return { findings: served?.rejections ?? [], warnings: served?.warnings ?? [], applied: remembered, observed: planning.observed };
  }
  try {
    if (unread !== undefined) throw new Error(unread);
    const touched = [...applied.done, ...applied.failed.map(({ change }) => change)].map(({ object }) => object);
    const observed = await readBack({ adapter, gatewayId: planning.gatewayId, desired: planning.desired, signal }, planning.observed, touched);
    const again = withoutLeft(planWithin(adapter, { ...planning, lastApplied: remembered, observed }, scope), left);
    const rest = again.writes.flatMap(({ changes }) => changes);
    const excused = new Set([...applied.failed.map(({ change }) => change), ...applied.skipped].map(keyOf));
    const failedOwners = new Set(applied.failed.map(({ change }) => change.object.owner));
    const missed = rest.filter((change) => !excused.has(keyOf(change)) && !failedOwners.has(change.object.owner));
    const unseen = missed.flatMap((change) => findings(change, 'verify', `${change.object.label} does not read back as written: ${change.detail}`));
    const served = unseen.length === 0 ? await adapter.probe?.({ done: writes, target: remembered, observed }, signal) : undefined;
    return { findings: [...unseen, ...(served?.rejections ?? [])], warnings: served?.warnings ?? [], applied: remembered, observed };
  } catch (error) {
    const reason = `It was written but could not be read back: ${reasonOf(error)}`;
    return { findings: applied.done.flatMap((change) => findings(change, 'verify', reason)), applied: remembered, observed: undefined };
  }
}

const keyOf = ({ action, object }: Change): string => `${action} ${object.id}`;

function reasonOf(error: unknown): string {
  return shorten(error instanceof Error ? error.message : String(error), 1000);
}
