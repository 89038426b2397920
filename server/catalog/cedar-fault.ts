import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { attributeFaults, readsOf } from '@stoa/lib/cedar-reads.ts';

const maxReasonLength = 500;

/** Why a text is no set of Cedar policies that gateways can use, as far as can be told before a call; undefined when it is one. */
export function cedarFault(text: string): string | undefined {
  const parts = cedar.policySetTextToParts(text);
  if (parts.type === 'failure') return cut(`does not parse: ${messagesOf(parts.errors)}`);
  if (parts.policy_templates.length > 0) return 'holds a template (?principal, ?resource), which nothing links';
  if (parts.policies.length === 0) return 'holds no policy';
  const policies = parts.policies.map((policy) => {
    const json = cedar.policyToJson(policy);
    if (json.type === 'failure') throw new Error(`A policy that parsed has no JSON: ${messagesOf(json.errors)}`);
    return json.json;
  });
  const [unknown] = policies.flatMap(attributeFaults);
  return unknown ?? typeFault(policies);
}

/**
 * What Cedar's own validator says against policies. Labels are texts, whichever there are. Which types arguments and claims have is known at a call only: policies that read
 * these are held to the names alone.
 */
function typeFault(policies: readonly PolicyJson[]): string | undefined {
  const reads = readsOf(policies);
  if (isRead(reads.arguments) || isRead(reads.claims)) return undefined;
  const labels = [...reads.labels].map((name) => `${JSON.stringify(name)}: String`).join(', ');
  const schema = `
    entity Consumer { labels: { ${labels} } };
    entity Tool { api: String, operation_id: String, method: String, read_only: Bool, destructive: Bool };
    action call appliesTo {
      principal: Consumer, resource: Tool,
      context: { arguments: {}, claims: {}, scopes: Set<String>, address: ipaddr, time: datetime },
    };`;
  const answer = cedar.validate({
    schema,
    policies: { staticPolicies: Object.fromEntries(policies.map((policy, at) => [`policy ${at + 1}`, policy])) },
  });
  if (answer.type === 'failure') throw new Error(`Cedar could not check a policy: ${messagesOf(answer.errors)}`);
  const [first] = answer.validationErrors;
  return (
    first && cut(`${first.error.message.replace(/^for policy `([^`]*)`, /, 'in $1, ')}${first.error.help === null ? '' : `: ${first.error.help}`}`)
  );
}

const isRead = (names: ReadonlySet<string> | 'all'): boolean => names === 'all' || names.size > 0;
const messagesOf = (errors: readonly { message: string }[]): string => errors.map(({ message }) => message).join('; ');
const cut = (text: string): string => text.slice(0, maxReasonLength);
