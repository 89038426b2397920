import { AdminError } from '../../engine/admin-error.ts';
import { isRecord } from '../../engine/compare.ts';
import type { EnvoyJson } from './guards.ts';
import { filterKinds, filters, linkCluster, routesName } from './model.ts';
import type { FilterKind } from './model.ts';
import { probes } from './probe-host.ts';
import type { EnvoyTools } from './tools.ts';

/** Whether a filter does what it is for, asked through the listener. */
export async function isInForce(kind: FilterKind, { ask }: Pick<EnvoyTools, 'ask'>): Promise<boolean> {
  const { asks, statuses } = probes[kind];
  let answered: number | undefined;
  for (const question of asks) answered = (await ask(`/${kind}`, question))?.status;
  return answered !== undefined && statuses.includes(answered);
}

/** Those that go by the address of the caller, which he says himself unless the listener looks where he comes from. */
const byAddress: ReadonlySet<FilterKind> = new Set(['ip_restriction', 'rate_limit']);
const knowsAddresses = (manager: EnvoyJson): boolean => manager['use_remote_address'] === true;

/** What an operator reads who has to mend the listener. */
export const lacking = (kind: FilterKind): string => {
  const besides = byAddress.has(kind)
    ? ', and use_remote_address: true'
    : kind === 'link'
      ? `, asks ${linkCluster} over gRPC, and without failure_mode_allow`
      : '';
  return `Envoy's listener does not do what its filter ${filters[kind].name} is for: the guide says how the listener has it, disabled${besides}`;
};

/** Which of the filters the listener of our routes has, as Envoy says it was started. @throws AdminError where it has no such listener. */
export function filtersIn(listeners: readonly EnvoyJson[]): ReadonlySet<FilterKind> {
  const managers = managersOf(listeners);
  if (managers.length === 0)
    throw new AdminError(
      'unsupported',
      `Envoy has no static listener whose routes are those of the name ${routesName} (rds.route_config_name): write it as the guide says.`,
    );
  return new Set(
    filterKinds.filter((kind) => managers.every((manager) => isInPlace(kind, namesIn(manager)) && (!byAddress.has(kind) || knowsAddresses(manager)))),
  );
}

/** What manages the connections of a listener that asks for our routes. */
export const managersOf = (listeners: readonly EnvoyJson[]): EnvoyJson[] =>
  listeners.flatMap(managersIn).filter(({ rds }) => isRecord(rds) && rds['route_config_name'] === routesName);

function managersIn(listener: EnvoyJson): EnvoyJson[] {
  const chains = [...listOf(listener['filter_chains']), ...(isRecord(listener['default_filter_chain']) ? [listener['default_filter_chain']] : [])];
  return chains
    .flatMap((chain) => listOf(chain['filters']))
    .flatMap(({ typed_config: config }) => (isRecord(config) && 'http_filters' in config ? [config] : []));
}

type Placed = { readonly name: unknown; readonly config: EnvoyJson };
const namesIn = (manager: EnvoyJson): Placed[] =>
  listOf(manager['http_filters']).map(({ name, typed_config: config }) => ({ name, config: isRecord(config) ? config : {} }));

/** There, of its type, and behind those that come before it: a limit that stands before the keys would count what a caller says of himself. */
function isInPlace(kind: FilterKind, placed: readonly Placed[]): boolean {
  const at = (one: FilterKind): number => placed.findIndex(({ name }) => name === filters[one].name);
  const own = at(kind);
  const config = placed[own]?.config;
  if (config?.['@type'] !== filters[kind].type || (kind === 'link' && !asksLink(config))) return false;
  return filterKinds.slice(0, filterKinds.indexOf(kind)).every((before) => at(before) < own);
}

/** A filter that lets everybody in while the Link is away guards nothing. */
function asksLink({ grpc_service: service, failure_mode_allow: opens }: EnvoyJson): boolean {
  const target = isRecord(service) ? service['envoy_grpc'] : undefined;
  return opens !== true && isRecord(target) && target['cluster_name'] === linkCluster;
}

const listOf = (value: unknown): EnvoyJson[] => (Array.isArray(value) ? value.filter(isRecord) : []);
