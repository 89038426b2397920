import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as CedarModule from '@cedar-policy/cedar-wasm/nodejs';
import type { ConsumerEntry, OperationEntry } from '../model.ts';

/** A set of Cedar policies that is known to parse. */
export type PolicySet = {
  readonly id: string;
  readonly policies: Readonly<Record<string, string>>;
  /** The ids of those that forbid. */
  readonly forbids: ReadonlySet<string>;
};

type Cedar = typeof CedarModule;

let loaded: Cedar | undefined;

/** Cedar takes 17 MB of resident memory: it is loaded with the first policy that needs it. */
function cedar(): Cedar {
  return (loaded ??= createRequire(import.meta.url)('@cedar-policy/cedar-wasm/nodejs') as Cedar);
}

const maxPreparsed = 256;
/** Ids of the sets that Cedar holds parsed, oldest use first. Its cache has no end of its own: places are used again. */
const preparsed = new Map<string, string>();

/** Why a policy text cannot be used, as Cedar says it; undefined when it can. */
export function cedarFault(text: string): string | undefined {
  const parts = cedar().policySetTextToParts(text);
  if (parts.type === 'failure') return parts.errors.map((error) => error.message).join('; ');
  if (parts.policy_templates.length > 0) return 'it holds a template (?principal, ?resource), which nothing links';
  if (parts.policies.length === 0) return 'it holds no policy';
  return undefined;
}

/** One set of all the texts together: any permit permits, any forbid forbids. The texts have no `cedarFault`. */
export function createPolicySet(texts: readonly string[]): PolicySet {
  const policies: Record<string, string> = {};
  const forbids = new Set<string>();
  for (const text of texts) {
    const parts = cedar().policySetTextToParts(text);
    if (parts.type === 'failure') throw new Error('The policy text does not parse.');
    for (const policy of parts.policies) {
      const id = `p${Object.keys(policies).length}`;
      policies[id] = policy;
      const json = cedar().policyToJson(policy);
      if (json.type === 'failure' || json.json.effect === 'forbid') forbids.add(id);
    }
  }
  return { id: createHash('sha256').update(JSON.stringify(policies)).digest('hex'), policies, forbids };
}

/**
 * Whether the consumer may call the operation's tool; without a permit it may not. Cedar skips a policy that fails while it is evaluated (a label
 * that is not there): that is right for a permit, but a forbid that cannot be evaluated forbids.
 */
export function isPermitted(set: PolicySet, consumer: ConsumerEntry, operation: OperationEntry, apiName: string, annotations: ToolHints): boolean {
  const principal = { type: 'Consumer', id: consumer.name };
  const resource = { type: 'Tool', id: operation.toolName };
  const answer = cedar().statefulIsAuthorized({
    principal,
    action: { type: 'Action', id: 'call' },
    resource,
    context: {},
    preparsedPolicySetId: preparse(set),
    entities: [
      { uid: principal, attrs: { labels: { ...consumer.labels } }, parents: [] },
      { uid: resource, attrs: resourceAttributes(operation, apiName, annotations), parents: [] },
    ],
  });
  if (answer.type === 'failure') return false;
  const { decision, diagnostics } = answer.response;
  return decision === 'allow' && !diagnostics.errors.some(({ policyId }) => set.forbids.has(policyId));
}

export type ToolHints = { readonly readOnlyHint?: boolean; readonly destructiveHint?: boolean };

/** Read-only only when it is said to be, destructive unless it is said not to be (lesson 25). */
function resourceAttributes(operation: OperationEntry, api: string, { readOnlyHint, destructiveHint }: ToolHints): Record<string, string | boolean> {
  const readOnly = readOnlyHint === true;
  return {
    api,
    operation_id: operation.operationId,
    method: operation.method,
    read_only: readOnly,
    destructive: destructiveHint ?? !readOnly,
  };
}

function preparse({ id, policies }: PolicySet): string {
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
