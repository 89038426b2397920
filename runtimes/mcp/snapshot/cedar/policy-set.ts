import { hash } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as CedarModule from '@cedar-policy/cedar-wasm/nodejs';
import type { EntityUidJson, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { readsContext, readsOf } from '@stoa/lib/cedar-reads.ts';
import type { ContextReads } from '@stoa/lib/cedar-reads.ts';
import type { NamedText } from '../../model.ts';

type Cedar = typeof CedarModule;

let loaded: Cedar | undefined;

/** Cedar takes 17 MB of resident memory: it is loaded with the first policy that needs it. */
export function cedar(): Cedar {
  return (loaded ??= createRequire(import.meta.url)('@cedar-policy/cedar-wasm/nodejs') as Cedar);
}

/** Why a policy text cannot be used, as Cedar says it; undefined when it can. */
export function cedarFault(text: string): string | undefined {
  const parts = cedar().policySetTextToParts(text);
  if (parts.type === 'failure') return parts.errors.map((error) => error.message).join('; ');
  if (parts.policy_templates.length > 0) return 'it holds a template (?principal, ?resource), which nothing links';
  if (parts.policies.length === 0) return 'it holds no policy';
  return undefined;
}

/** One policy, by its id in the set. */
type Policy = {
  readonly id: string;
  readonly text: string;
  readonly json: PolicyJson;
  /** The name of the policy of ours that holds it. */
  readonly name: string;
  /** The tool that its head names; undefined for one that is about any. */
  readonly tool: string | undefined;
  readonly readsContext: boolean;
};

/** Policies that are asked together: of a set those that are about one tool, so that a call meets only its own. */
export type ChosenPolicies = {
  readonly id: string;
  readonly policies: Readonly<Record<string, PolicyJson>>;
  /** The ids of those that forbid. */
  readonly forbids: ReadonlySet<string>;
  readonly names: ReadonlyMap<string, string>;
  readonly reads: ContextReads;
};

/** A set of Cedar policies that is known to parse: any permit permits, any forbid forbids. */
export class PolicySet {
  readonly #policies: readonly Policy[];
  readonly #id: string;
  readonly #asked = new Map<string, ChosenPolicies>();

  /** The texts have no `cedarFault`. */
  constructor(texts: readonly NamedText[]) {
    const parsed = texts.flatMap(({ name, text }) => parse(text).map((policy) => ({ ...policy, name })));
    this.#policies = parsed.map((policy, at) => ({ ...policy, id: `p${at}` }));
    this.#id = hash('sha256', JSON.stringify(parsed.map(({ text }) => text)), 'hex');
  }

  /** Whether any of them looks at a call. */
  get readsContext(): boolean {
    return this.#policies.some((policy) => policy.readsContext);
  }

  /** What is asked about a call of a tool, and reads it. */
  aboutCall(tool: string): ChosenPolicies {
    return this.#about('call', tool, (policies) => policies.filter((policy) => policy.readsContext));
  }

  /** The others, which say the same of each call of a consumer. */
  aboutEach(tool: string): ChosenPolicies {
    return this.#about('each', tool, (policies) => policies.filter((policy) => !policy.readsContext));
  }

  /**
   * What is asked before there is a call: whether there may be one that is let through. Of what permits, conditions on a call count as met, and what forbids under such
   * conditions does not count.
   */
  aboutAny(tool: string): ChosenPolicies {
    return this.#about('any', tool, (policies) =>
      policies.flatMap((policy) => {
        if (!policy.readsContext) return policy;
        if (policy.json.effect === 'forbid') return [];
        const conditions = policy.json.conditions.filter((condition) => !readsContext(condition));
        return { ...policy, json: { ...policy.json, conditions } };
      }),
    );
  }

  #about(question: string, tool: string, choose: (policies: readonly Policy[]) => readonly Policy[]): ChosenPolicies {
    const about = this.#policies.filter((policy) => policy.tool === undefined || policy.tool === tool);
    // Tools that no policy names are asked about alike.
    const key = about.length === this.#policies.length ? question : `${question} ${about.map(({ id }) => id).join(' ')}`;
    const known = this.#asked.get(key);
    if (known !== undefined) return known;
    const chosen = choose(about);
    const asked: ChosenPolicies = {
      id: `${this.#id} ${key}`,
      policies: Object.fromEntries(chosen.map(({ id, json }) => [id, json])),
      forbids: new Set(chosen.filter(({ json }) => json.effect === 'forbid').map(({ id }) => id)),
      names: new Map(chosen.map(({ id, name }) => [id, name])),
      reads: readsOf(chosen.map(({ json }) => json)),
    };
    this.#asked.set(key, asked);
    return asked;
  }
}

function parse(text: string): Omit<Policy, 'id' | 'name'>[] {
  const parts = cedar().policySetTextToParts(text);
  if (parts.type === 'failure') throw new Error('The policy text does not parse.');
  return parts.policies.map((policy) => {
    const read = cedar().policyToJson(policy);
    if (read.type === 'failure') throw new Error('A policy that parsed has no JSON.');
    const { json } = read;
    const { resource } = json;
    const tool = resource.op === '==' && 'entity' in resource ? idOf(resource.entity) : undefined;
    return { text: policy, json, tool, readsContext: readsContext(json) };
  });
}

/** Of a tool; another type of entity is none that a call has, and no reason to leave the policy out. */
function idOf(entity: EntityUidJson): string | undefined {
  const { type, id } = '__entity' in entity ? entity.__entity : entity;
  return type === 'Tool' ? id : undefined;
}
