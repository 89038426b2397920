import { createHash } from 'node:crypto';
import type { Labels, TargetSelector } from '@stoa/generated/schemas.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';

/** Who is to be configured: what targets choose by, and what it said that it can do. */
export type Recipient = { environment: string; instance_name: string; gateway_mode: string; labels: Labels; features: readonly string[] };

/** The feature of runtimes that enforce subscriptions. One without it would open an API to every key. */
export const subscriptionsFeature = 'subscriptions';
export const enforcesSubscriptions = ({ features }: Pick<Recipient, 'features'>): boolean => features.includes(subscriptionsFeature);

/** The feature of runtimes that hold the limits of plans. One without it would let their subscribers call without a limit. */
export const plansFeature = 'plans';

/** The feature of runtimes that judge tokens of trusted issuers. One without it knows consumer keys alone. */
export const issuersFeature = 'trusted_issuers';

/** The feature of runtimes that expose an API where its deployment says. A Connect without it would expose it at the paths of its upstream. */
export const publicPathFeature = 'public_path';

/** The feature of runtimes that serve MCP servers beside APIs. */
export const mcpServersFeature = 'mcp_servers';

/** The feature of runtimes that serve tool sets at addresses of their own. */
export const toolSetsFeature = 'tool_sets';

/** Whether a gateway fits every criterion of a selector; within one list, any value fits. */
export function isChosen(targets: TargetSelector, recipient: Pick<Recipient, 'environment' | 'instance_name' | 'gateway_mode' | 'labels'>): boolean {
  const { instance_names, labels } = targets;
  if (instance_names && !instance_names.includes(recipient.instance_name)) return false;
  return fitsGround(targets, recipient) && Object.entries(labels ?? {}).every(([key, value]) => recipient.labels[key] === value);
}

/** The part of a selector that a mode and an environment decide. */
export function fitsGround({ modes, environments }: TargetSelector, ground: Pick<Recipient, 'environment' | 'gateway_mode'>): boolean {
  if (modes && !modes.some((mode) => mode === ground.gateway_mode)) return false;
  return !environments || environments.includes(ground.environment);
}

/** The targets of deployments and MCP servers, one for all that have the same. */
export type Selector = { readonly key: string; readonly targets: TargetSelector; readonly isParticular: boolean };

/** A particular selector tells gateways of one mode and environment apart; the others choose all of them or none. */
export function toSelector(targets: TargetSelector): Selector {
  const { instance_names: names, labels = {} } = targets;
  return { key: digest(targets), targets, isParticular: names !== undefined || Object.keys(labels).length > 0 };
}

/**
 * Gateways of one class are given the same. It holds what they have in common of all that decides, and no more, so that deploying to all gateways of an
 * environment moves none of them to another class.
 */
export type GatewayClass = {
  readonly gateway_mode: string;
  readonly environment: string;
  readonly enforces: boolean;
  /** Whether they hold the limits of plans; absent when they do not, as classes were kept before there were plans. */
  readonly plans?: true;
  /** Whether they judge tokens; absent when they do not. */
  readonly issuers?: true;
  /** Whether they expose an API where its deployment says. */
  readonly paths?: true;
  /** Whether they serve MCP servers. */
  readonly mcp?: true;
  /** Whether they serve tool sets. */
  readonly sets?: true;
  /** Keys of the particular selectors that choose them, sorted. */
  readonly selectors: readonly string[];
};

export const keyOfClass = (gatewayClass: GatewayClass): string => digest(gatewayClass);

export const isConnect = ({ gateway_mode: mode }: Pick<GatewayClass, 'gateway_mode'>): boolean => mode === 'connect';

const digest = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 32);

/** The particular selectors of a tenant's deployments and MCP servers, found by what they name. */
export class SelectorIndex {
  readonly #uses = new Map<string, { selector: Selector; count: number }>();
  readonly #byName = new Map<string, Set<Selector>>();
  readonly #unnamed = new Set<Selector>();

  /** The selector for some targets, which is then in use once more. */
  use(targets: TargetSelector): { selector: Selector; isNew: boolean } {
    const wanted = toSelector(targets);
    const known = this.#uses.get(wanted.key);
    if (known) {
      known.count += 1;
      return { selector: known.selector, isNew: false };
    }
    this.#uses.set(wanted.key, { selector: wanted, count: 1 });
    for (const set of this.#places(wanted)) set.add(wanted);
    return { selector: wanted, isNew: true };
  }

  /** Answers whether that was its last use. */
  release(selector: Selector): boolean {
    const known = this.#uses.get(selector.key);
    if (!known || --known.count > 0) return false;
    this.#uses.delete(selector.key);
    for (const set of this.#places(selector)) set.delete(known.selector);
    for (const name of selector.targets.instance_names ?? []) if (this.#byName.get(name)?.size === 0) this.#byName.delete(name);
    return true;
  }

  classOf(recipient: Recipient): GatewayClass {
    const candidates = [...(this.#byName.get(recipient.instance_name) ?? []), ...this.#unnamed];
    const selectors = candidates.filter(({ targets }) => isChosen(targets, recipient)).map(({ key }) => key);
    const { gateway_mode, environment } = recipient;
    const paths = isConnect(recipient) && recipient.features.includes(publicPathFeature) ? { paths: true as const } : {};
    const plans = recipient.features.includes(plansFeature) ? { plans: true as const } : {};
    const issuers = recipient.features.includes(issuersFeature) ? { issuers: true as const } : {};
    const mcp = !isConnect(recipient) && recipient.features.includes(mcpServersFeature) ? { mcp: true as const } : {};
    const sets = !isConnect(recipient) && recipient.features.includes(toolSetsFeature) ? { sets: true as const } : {};
    return {
      gateway_mode,
      environment,
      enforces: enforcesSubscriptions(recipient),
      ...plans,
      ...issuers,
      ...paths,
      ...mcp,
      ...sets,
      selectors: selectors.sort(),
    };
  }

  #places(selector: Selector): Set<Selector>[] {
    if (!selector.isParticular) return [];
    const { instance_names: names } = selector.targets;
    if (!names) return [this.#unnamed];
    return [...new Set(names)].map((name) => {
      const named = this.#byName.get(name) ?? new Set();
      this.#byName.set(name, named);
      return named;
    });
  }
}
