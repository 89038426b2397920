import type { Context, StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs';
import type { CallFacts, CallJudgement, ConsumerEntry, OperationEntry } from '../../model.ts';
import { cedar } from './policy-set.ts';
import type { ChosenPolicies, PolicySet } from './policy-set.ts';
import { NotExpressible, cedarRecord } from './values.ts';

export type ToolHints = { readonly readOnlyHint?: boolean; readonly destructiveHint?: boolean };
/** Who would call what. */
export type WouldBeCall = { readonly consumer: ConsumerEntry; readonly operation: OperationEntry; readonly hints: ToolHints };

/** How many sets Cedar holds parsed. */
const maxPreparsed = 1024;
/** The places of sets that Cedar holds parsed, oldest use first. Its cache has no end of its own: places are used again. */
const preparsed = new Map<string, string>();

/** Whether there may be a call of this consumer that policies let through; without a permit there is none. */
export function mayBePermitted(set: PolicySet, wouldBe: WouldBeCall): boolean {
  return ask(set.aboutAny(wouldBe.operation.toolName), wouldBe, {}).effect === 'permit';
}

/**
 * Whether policies let a call through, and which of them said so. What they look at and nobody knows is refused: left out, it would pass those that look whether it is there. Those
 * that look at nothing of a call are asked apart from the others, since their answer is known from the call before.
 */
export function judgeCall(set: PolicySet, wouldBe: WouldBeCall, facts: () => CallFacts): CallJudgement {
  const { toolName } = wouldBe.operation;
  const asked = set.aboutCall(toolName);
  if (!asked.reads.any) return { permitted: true, policies: [] };
  const context = contextOf(asked, facts());
  if (context === undefined) return { permitted: false, policies: [...new Set(asked.names.values())] };
  const each = set.aboutEach(toolName);
  const answers = [
    { names: each.names, ...ask(each, wouldBe, {}) },
    { names: asked.names, ...ask(asked, wouldBe, context) },
  ];
  const effect = answers.some((answer) => answer.effect === 'forbid') ? 'forbid' : 'permit';
  const said = answers.filter((answer) => answer.effect === effect).flatMap(({ ids, names }) => ids.map((id) => names.get(id) ?? id));
  return { permitted: effect === 'permit' && said.length > 0, policies: [...new Set(said)] };
}

/** What policies say: they permit, they forbid, or none of them is about this. By ids, since another set may have the same texts under other names. */
type Answer = { readonly effect: 'permit' | 'forbid' | 'none'; readonly ids: readonly string[] };

/** Answers by everything that they were given by, so that one is never that to another question. */
const answers = new Map<string, Answer>();
const maxAnswers = 10_000;
const maxKeptChars = 1_024;

function ask(asked: ChosenPolicies, { consumer, operation, hints }: WouldBeCall, context: Context): Answer {
  const principal = { type: 'Consumer', id: consumer.name };
  const resource = { type: 'Tool', id: operation.toolName };
  // What nobody reads would be written, handed over and read again for each call.
  const entities = [
    ...(asked.reads.principal ? [{ uid: principal, attrs: { labels: { ...consumer.labels } }, parents: [] }] : []),
    ...(asked.reads.resource ? [{ uid: resource, attrs: resourceAttributes(operation, hints), parents: [] }] : []),
  ];
  const call = { principal, action: { type: 'Action', id: 'call' }, resource, context, entities };
  if (asked.reads.time) return decide(asked, call);
  const given = JSON.stringify(call);
  const key = `${asked.id} ${given}`;
  const known = answers.get(key);
  if (known !== undefined) return known;
  const answer = decide(asked, call);
  if (given.length > maxKeptChars) return answer;
  if (answers.size >= maxAnswers) answers.delete(answers.keys().next().value as string);
  answers.set(key, answer);
  return answer;
}

/**
 * Cedar skips a policy that fails while it is evaluated (a label that is not there): that is right for a permit, but a forbid that cannot be evaluated forbids.
 */
function decide(asked: ChosenPolicies, call: Omit<StatefulAuthorizationCall, 'preparsedPolicySetId'>): Answer {
  const answer = cedar().statefulIsAuthorized({ ...call, preparsedPolicySetId: preparse(asked) });
  if (answer.type === 'failure') return { effect: 'forbid', ids: [] };
  const { decision, diagnostics } = answer.response;
  const failing = diagnostics.errors.map(({ policyId }) => policyId).filter((id) => asked.forbids.has(id));
  const effect = failing.length > 0 ? 'forbid' : decision === 'allow' ? 'permit' : diagnostics.reason.length > 0 ? 'forbid' : 'none';
  return { effect, ids: [...diagnostics.reason, ...failing] };
}

/** Undefined where something that the policies read of the call is not known, or nothing that Cedar has a form for. */
function contextOf({ reads }: ChosenPolicies, { arguments: { values, unknown }, caller, address, nowMs }: CallFacts): Context | undefined {
  const { arguments: names } = reads;
  if (names === 'all' ? unknown.length > 0 : unknown.some((name) => names.has(name))) return undefined;
  if (reads.address && address === undefined) return undefined;
  try {
    return {
      ...(isRead(names) && { arguments: cedarRecord(values, namesIn(names)) }),
      ...(isRead(reads.claims) && { claims: cedarRecord(caller.token?.claims ?? {}, namesIn(reads.claims)) }),
      ...(reads.scopes && { scopes: [...(caller.token?.scopes ?? [])] }),
      ...(reads.time && { time: { __extn: { fn: 'datetime', arg: new Date(nowMs).toISOString() } } }),
      ...(reads.address && address !== undefined && { address: { __extn: { fn: 'ip', arg: address } } }),
    };
  } catch (error) {
    if (error instanceof NotExpressible) return undefined;
    throw error;
  }
}

const isRead = (names: ReadonlySet<string> | 'all'): boolean => names === 'all' || names.size > 0;
const namesIn = (names: ReadonlySet<string> | 'all'): ReadonlySet<string> | undefined => (names === 'all' ? undefined : names);

/** Read-only only when it is said to be, destructive unless it is said not to be (lesson 25). */
function resourceAttributes(
  { api, operationId, method }: OperationEntry,
  { readOnlyHint, destructiveHint }: ToolHints,
): Record<string, string | boolean> {
  const readOnly = readOnlyHint === true;
  return { api: api.name, operation_id: operationId, method, read_only: readOnly, destructive: destructiveHint ?? !readOnly };
}

function preparse({ id, policies }: ChosenPolicies): string {
  const known = preparsed.get(id);
  if (known !== undefined) {
    preparsed.delete(id);
    preparsed.set(id, known);
    return known;
  }
  const [oldest] = preparsed;
  const slot = preparsed.size >= maxPreparsed && oldest !== undefined ? oldest[1] : `set-${preparsed.size}`;
  if (oldest !== undefined && slot === oldest[1]) preparsed.delete(oldest[0]);
  const answer = cedar().preparsePolicySet(slot, { staticPolicies: { ...policies } });
  if (answer.type === 'failure')
    throw new Error(`Cedar refused a policy set that it had parsed: ${answer.errors.map((error) => error.message).join('; ')}`);
  preparsed.set(id, slot);
  return slot;
}
