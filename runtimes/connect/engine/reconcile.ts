import type { Drift, GatewayConfig, ObservedState } from '@stoa/generated/schemas.ts';
import { shorten } from './compare.ts';
import type { Applied, Change, Finding, GatewayAdapter, ManagedObject, WritePlan } from './model.ts';
import { rejectAll, summarize } from './outcome.ts';
import type { PassOutcome } from './outcome.ts';

export type DesiredConfig = Pick<GatewayConfig, 'gateway_id' | 'items'>;
export type ObservedReport = Omit<ObservedState, 'lease_epoch'>;

export type PassInput = {
  readonly adapter: GatewayAdapter;
  readonly config: DesiredConfig;
  /** What we wrote and did not take back, by the last pass. */
  readonly lastApplied: readonly ManagedObject[];
  /** Told what was found, before anything is written. */
  readonly onObserved: (report: ObservedReport) => void;
  /** Asked before each write (lesson 19). */
  readonly shouldStop: () => boolean;
  readonly signal: AbortSignal;
  readonly nowMs: number;
};

export type PassResult = {
  readonly outcome: PassOutcome;
  readonly drift: readonly Drift[];
  /** What to remember for the next pass. */
  readonly applied: readonly ManagedObject[];
  readonly writes: readonly Change[];
  /** Why the gateway as a whole could not be worked on; undefined when it could. */
  readonly unavailable?: string;
  /** Something failed that may succeed when tried again soon. */
  readonly retry: boolean;
};

/**
 * One pass: fetch, transform, plan, report, apply, read back, and plan again. What the second plan still wants is not applied,
 * whatever the gateway answered to the writes (lessons 12 and 14).
 */
export async function reconcile(input: PassInput): Promise<PassResult> {
  const { adapter, config, lastApplied } = input;
  let observed: unknown;
  try {
    observed = await adapter.fetch(config.gateway_id, input.signal);
  } catch (error) {
    const reason = reasonOf(error);
    return { outcome: rejectAll(config.items, 'fetch', reason), drift: [], applied: lastApplied, writes: [], unavailable: reason, retry: true };
  }
  const rendered = adapter.transform(config, input.nowMs);
  const held = new Set(rendered.rejections.flatMap(({ effect, itemId }) => (effect === 'hold' ? [itemId] : [])));
  const planning = { gatewayId: config.gateway_id, desired: rendered.objects, lastApplied, observed };
  const plan = adapter.plan({ ...planning, held });
  const drift = adapter.drift({ ...planning, desired: plan.target }).slice(0, maxDrift);
  input.onObserved({ target_gateway: adapter.describe(observed), apis: adapter.discovered(config.gateway_id, observed), drift });

  const applied = await adapter.apply(plan.changes, input.shouldStop);
  const check = await verify(input, plan, applied, { ...planning, held });
  const rejections = [...rendered.rejections, ...plan.rejections, ...failures(applied), ...check.findings];
  return {
    outcome: summarize(config.items, rejections, rendered.warnings),
    drift,
    applied: check.applied,
    writes: applied.done,
    ...(applied.stopped?.cause === 'gateway_away' && { unavailable: applied.stopped.reason }),
    retry: applied.stopped !== undefined || applied.failed.some(({ refused }) => !refused) || check.findings.length > 0,
  };
}

/** The contract takes no more than this in a report. */
const maxDrift = 10_000;

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

function findings({ object }: Change, phase: Finding['phase'], reason: string): Finding[] {
  return [object.owner, ...object.alsoFor].map((itemId) => ({ itemId, phase, reason }));
}

type Check = { findings: Finding[]; applied: readonly ManagedObject[] };

/** Reads back and plans again. A gateway in which nothing was to be changed has just been read. */
async function verify(
  input: PassInput,
  plan: WritePlan,
  applied: Applied,
  planning: Omit<Parameters<GatewayAdapter['plan']>[0], 'observed'>,
): Promise<Check> {
  const remembered = remember(input.lastApplied, plan, applied);
  if (applied.done.length === 0 && applied.failed.length === 0) return { findings: [], applied: remembered };
  try {
    const observed = await input.adapter.fetch(planning.gatewayId, input.signal);
    const rest = input.adapter.plan({ ...planning, lastApplied: remembered, observed }).changes;
    const excused = new Set([...applied.failed.map(({ change }) => change), ...applied.skipped].map(keyOf));
    const failedOwners = new Set(applied.failed.map(({ change }) => change.object.owner));
    const missed = rest.filter((change) => !excused.has(keyOf(change)) && !failedOwners.has(change.object.owner));
    return {
      findings: missed.flatMap((change) => findings(change, 'verify', `${change.object.label} does not read back as written: ${change.detail}`)),
      applied: remembered,
    };
  } catch (error) {
    const reason = `It was written but could not be read back: ${reasonOf(error)}`;
    return { findings: applied.done.flatMap((change) => findings(change, 'verify', reason)), applied: remembered };
  }
}

const keyOf = ({ action, object }: Change): string => `${action} ${object.id}`;

/** Last applied, as the writes left it. What was found as desired counts too: an earlier process may have written it. */
function remember(lastApplied: readonly ManagedObject[], plan: WritePlan, { done, failed, skipped }: Applied): readonly ManagedObject[] {
  const pending = new Set([...failed.map(({ change }) => change), ...skipped].map(({ object }) => object.id));
  // An object may be written more than once; the last write counts.
  const last = new Map(done.map((change) => [change.object.id, change]));
  const isThere = ({ id }: ManagedObject): boolean => last.get(id)?.action !== 'delete';
  // Of what was to change and did not, the last known state is still the last applied.
  const kept = lastApplied.filter(({ id }) => pending.has(id));
  return [...kept, ...plan.target.filter(({ id }) => !pending.has(id))].filter(isThere).map((object) => {
    const change = last.get(object.id);
    return change?.action === 'patch' ? { ...object, fields: { ...object.fields, ...change.object.fields } } : object;
  });
}

function reasonOf(error: unknown): string {
  return shorten(error instanceof Error ? error.message : String(error), 1000);
}
