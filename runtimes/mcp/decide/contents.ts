import type { ContentRule, ContentFinding, ToolEntry, BuiltRequest } from '../model.ts';
import type { Meter } from '../metering/meter.ts';
import type { Logger } from '@stoa/lib/log.ts';

/** A body as it may go on, or why it may not, as a sentence without its end. */
export type ContentVerdict = { readonly body: Buffer } | { readonly reason: string };

type Parts = { readonly meter: Pick<Meter, 'found'>; readonly log: Logger };
type Way = 'request' | 'response';

/** Has every policy look through a body, each what the one before left of it. Counts what is found, and logs it without the text that it was found in. */
export function inspectBody(parts: Parts, way: Way, rules: readonly ContentRule[], body: Buffer, type: string): ContentVerdict {
  let left = body;
  for (const rule of rules) {
    const inspected = rule.inspect(left, type);
    const reason = settle(parts, way, inspected.findings);
    if (reason !== undefined) return { reason };
    left = inspected.body;
  }
  return { body: left };
}

/** The same for what cannot be changed any more; undefined where it may go on. */
export function inspectTexts(parts: Parts, way: Way, rules: readonly ContentRule[], texts: readonly string[]): string | undefined {
  for (const rule of rules) {
    const reason = settle(parts, way, rule.inspectTexts(texts));
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** The same for what cannot be looked through. */
export function refuseUnread(parts: Parts, way: Way, [rule]: readonly ContentRule[], name: 'unreadable' | 'size' = 'unreadable'): string {
  return settle(parts, way, [{ policy: rule?.policy ?? '', name, action: 'refuse' }]) ?? '';
}

/** The request that a tool's arguments make, as it may go on. */
export function inspectRequest(
  parts: Parts,
  rules: readonly ContentRule[],
  { operation }: ToolEntry,
  args: Readonly<Record<string, unknown>>,
  request: BuiltRequest,
): { readonly request: BuiltRequest } | { readonly reason: string } {
  const bindings = operation.api.item.operations[operation.index]?.bindings ?? [];
  const outside = bindings.filter((binding) => binding.in !== 'body').flatMap(({ argument }) => leavesOf(args[argument]));
  const reason = inspectTexts(parts, 'request', rules, outside);
  if (reason !== undefined) return { reason };
  if (request.body === undefined) return { request };
  const body = Buffer.from(request.body);
  const typeAt = request.headers.findIndex((name, at) => at % 2 === 0 && name.toLowerCase() === 'content-type');
  const verdict = inspectBody(parts, 'request', rules, body, typeAt < 0 ? '' : (request.headers[typeAt + 1] ?? ''));
  if ('reason' in verdict || verdict.body === body) return 'reason' in verdict ? verdict : { request };
  return { request: { ...request, body: verdict.body, bodyBytes: verdict.body.length } };
}

/** Undefined where nothing is to be refused. */
function settle({ meter, log }: Parts, way: Way, findings: readonly ContentFinding[]): string | undefined {
  for (const finding of findings) {
    meter.found(way, finding);
    log.info({ ...finding, way }, 'A policy found something in a body.');
  }
  const refusing = findings.find(({ action }) => action === 'refuse');
  return refusing && wordsOf(refusing);
}

function wordsOf({ policy, name, pattern }: ContentFinding): string {
  switch (name) {
    case 'size':
      return `it is larger than the policy ${policy} lets it be`;
    case 'depth':
      return `it is nested deeper than the policy ${policy} lets it be`;
    case 'unreadable':
      return `the policy ${policy} cannot look into it`;
    default:
      return `the policy ${policy} finds ${pattern ?? name} in it`;
  }
}

/** Arguments are bounded in their depth where they are parsed. */
function leavesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  if (typeof value !== 'object' || value === null) return value === undefined ? [] : [String(value)];
  // A number that is kept as it was written has a text of its own.
  if ('toJSON' in value && typeof value.toJSON === 'function') return [String(value)];
  return Object.entries(value).flatMap(([name, member]) => [name, ...leavesOf(member)]);
}
