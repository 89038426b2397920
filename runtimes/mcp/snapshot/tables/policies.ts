import type { PolicyItem } from '@stoa/generated/schemas.ts';
import type { PolicyRule } from '../../model.ts';
import { assessPolicy } from '../policies.ts';
import type { EnforcedAt } from '../policies.ts';
import { Claims } from './claims.ts';

/** The policies by the APIs that they are on. */
export class PolicyTable {
  readonly #at: EnforcedAt;
  readonly #rules = new Map<string, PolicyRule>();
  readonly #byApi = new Claims<PolicyRule>((rule) => rule.itemId);

  constructor(at: EnforcedAt) {
    this.#at = at;
  }

  /** Puts a policy in the place of what it was before. A policy that says what it said is the same rule, whatever it has come to apply to. */
  replace(before: PolicyItem | undefined, after: PolicyItem | undefined): void {
    const former = before && this.#rules.get(before.id);
    const rule = after && (former?.text === textOf(after) ? former : this.#makeRule(after));
    if (former !== undefined) for (const apiId of apisOf(before)) this.#byApi.delete(apiId, former);
    if (rule !== undefined) for (const apiId of apisOf(after)) this.#byApi.add(apiId, rule);
    if (rule !== undefined) this.#rules.set(rule.itemId, rule);
    else if (former !== undefined) this.#rules.delete(former.itemId);
  }

  /** The policies on an API, in the order of their ids. */
  on(apiId: string): readonly PolicyRule[] {
    return this.#byApi.all(apiId);
  }

  of(itemId: string): PolicyRule | undefined {
    return this.#rules.get(itemId);
  }

  #makeRule(item: PolicyItem): PolicyRule {
    const { id: itemId, policy_id: policyId, name, policy } = item;
    return { itemId, policyId, name, policy, text: textOf(item), assessment: assessPolicy(policy, this.#at) };
  }
}

/** The APIs and MCP servers that it applies to, each once. */
export const apisOf = (item: PolicyItem | undefined): ReadonlySet<string> => new Set([...(item?.api_ids ?? []), ...(item?.mcp_server_ids ?? [])]);

const textOf = ({ policy_id: policyId, name, policy }: PolicyItem): string => JSON.stringify([policyId, name, policy]);
