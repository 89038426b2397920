import { hash, randomUUID } from 'node:crypto';
import type { CallApprovalAnswer, CallApprovalQuestion } from '@stoa/generated/schemas.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { ExactNumber } from '@stoa/lib/exact-json.ts';
import type { ApprovalRule, Caller, ContentRule, OperationEntry, ToolEntry } from '../model.ts';

export type CallToApprove = Omit<CallApprovalQuestion, 'lease_epoch'>;

/** Says whether a call was approved. Never rejects; undefined where nobody can be asked. */
export type ApprovalSource = { ask(question: CallToApprove): Promise<CallApprovalAnswer | undefined> };

/** A call that may be made now, and once. */
export type Granted = {
  readonly kind: 'granted';
  /** To be called where it was not made after all: then who makes the same call again, within the time that it may be made in, is granted it by the same yes. */
  giveBack(): void;
};

/** Where there is no Control Plane to ask: nothing passes. */
export const noApprovals: ApprovalSource = { ask: async () => undefined };

/** Why a call that waits for a person is not made. `summary` says what it would do, as a sentence. */
export type Unapproved = { readonly kind: 'unapproved'; readonly summary: string } & (
  | { readonly why: 'pending'; readonly approvalId: string; readonly approveAt: string | undefined; readonly expiresAt: string | undefined }
  | { readonly why: 'denied'; readonly reason: string | undefined; readonly expiresAt: string | undefined }
  /** `full`: too many wait already. `unreadable`: nobody could read it. `unavailable`: the Control Plane cannot be asked. */
  | { readonly why: 'full' | 'unreadable' | 'unavailable' }
);

/** Arguments that are longer are not read by a person. */
const maxArgumentChars = 32 * 1024;

/** The policy that has calls of an operation wait. */
export const approvalRuleFor = ({ api: { policies }, operationId, toolName }: OperationEntry): ApprovalRule | undefined =>
  policies.approvals.length === 0
    ? undefined
    : policies.approvals.find(({ operations }) => operations === undefined || operations.has(operationId) || operations.has(toolName));

type WaitingCall = { readonly tool: ToolEntry; readonly caller: Caller; readonly args: Readonly<Record<string, unknown>> };

/** Asks whether a call may be made now. */
export async function requireApproval(
  source: ApprovalSource,
  rule: ApprovalRule,
  { tool, caller, args }: WaitingCall,
): Promise<Unapproved | Granted> {
  const { operation } = tool;
  const { api, method } = operation;
  const path = api.item.operations[operation.index]?.path ?? operation.pathTemplate;
  const refused = (why: 'full' | 'unreadable' | 'unavailable', shown?: string): Unapproved => ({ kind: 'unapproved', summary: summary(shown), why });
  const summary = (shown: string | undefined): string =>
    `It would send ${method} ${path} to the API ${api.name}${shown === undefined ? '' : ` with the arguments ${shown}`}.`;
  const shown = shownArguments(api.policies.contents.request, args);
  if (shown === undefined || shown.length > maxArgumentChars) return refused('unreadable');
  const asked = {
    policy: rule.policy,
    api_id: api.id,
    operation_id: operation.operationId,
    tool: tool.name,
    method,
    path,
    consumer_id: caller.consumerId,
    arguments: JSON.parse(shown) as Record<string, unknown>,
    arguments_hash: `sha256:${hash('sha256', canonicalText(args), 'hex')}`,
    wait_s: rule.waitS,
    valid_s: rule.validS,
  };
  const unused = unusedOf(source);
  const claim = unused.take(asked) ?? { id: randomUUID(), untilMs: performance.now() + rule.validS * 1000 };
  const answer = await source.ask({ claim_id: claim.id, ...asked });
  if (answer?.state === 'granted') return { kind: 'granted', giveBack: () => unused.keep(asked, claim) };
  if (answer === undefined) return refused('unavailable', shown);
  if (answer.state === 'full') return refused('full', shown);
  const { state, approval_id: approvalId, approve_at: approveAt, expires_at: expiresAt, reason } = answer;
  if (state === 'denied') return { kind: 'unapproved', summary: summary(shown), why: 'denied', reason, expiresAt };
  return { kind: 'unapproved', summary: summary(shown), why: 'pending', approvalId: approvalId ?? '', approveAt, expiresAt };
}

type Asked = Omit<CallToApprove, 'claim_id'>;
type Claim = { readonly id: string; readonly untilMs: number };
const maxUnused = 1000;

/** The claims of calls that were granted and not made. What was granted to a claim is granted to it again, so that each is taken by one call alone. */
class UnusedClaims {
  readonly #claims = new Map<string, Claim>();

  take(asked: Asked): Claim | undefined {
    const key = canonicalJson(asked);
    const claim = this.#claims.get(key);
    this.#claims.delete(key);
    return claim !== undefined && claim.untilMs > performance.now() ? claim : undefined;
  }

  keep(asked: Asked, claim: Claim): void {
    const [oldest] = this.#claims.keys();
    if (this.#claims.size >= maxUnused && oldest !== undefined) this.#claims.delete(oldest);
    this.#claims.set(canonicalJson(asked), claim);
  }
}

const claimsOf = new WeakMap<ApprovalSource, UnusedClaims>();

function unusedOf(source: ApprovalSource): UnusedClaims {
  const known = claimsOf.get(source) ?? new UnusedClaims();
  claimsOf.set(source, known);
  return known;
}

/** As canonical JSON has them, and numbers that are more than JavaScript's as they were written: of two that differ, none passes for the other. */
function canonicalText(value: unknown): string {
  if (value instanceof ExactNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return canonicalJson(value ?? null);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalText(member)}`).join(',')}}`;
}

/** JSON of the arguments as a person may see them: what is masked on its way to the upstream is masked here. Undefined where a policy could not look into them. */
function shownArguments(rules: readonly ContentRule[], args: Readonly<Record<string, unknown>>): string | undefined {
  let body = Buffer.from(JSON.stringify(readable(args)));
  for (const rule of rules) {
    const inspected = rule.inspect(body, 'application/json');
    if (inspected.findings.some(({ action }) => action === 'refuse')) return undefined;
    body = inspected.body as typeof body;
  }
  return body.toString('utf8');
}

/** A number that readers would round is told as text. */
function readable(value: unknown): unknown {
  if (value instanceof ExactNumber) return value.text;
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, readable(member)]));
}
