import type { DesiredItem } from '@stoa/generated/schemas.ts';
import type { Held } from './held-item.ts';
import { fieldsOf, isKind, shown } from './read-items.ts';

/** What guards an API or an MCP server, of the items that are not understood. */
export type Guards = { readonly byApi: ReadonlyMap<unknown, Held>; readonly everywhere: Held | undefined };

/** Kinds that keep somebody out: a policy, a plan, which limits its subscribers, and whom it limits. */
const guarding: ReadonlySet<string> = new Set<DesiredItem['kind']>(['policy', 'plan', 'plan_subscription']);

/**
 * Of the items that are not understood, those that may keep somebody out: of a kind that does, or of one that is not known. One that does not say
 * where it applies may apply everywhere, and so may one that cannot be read at all.
 */
export function guardsOf(unread: readonly Held[]): Guards {
  const guards = unread.filter((item) => guarding.has(item.kind) || !isKind(item.kind) || isIllegible(item));
  const named = guards.flatMap((guard) => {
    const { api_ids: apis, mcp_server_ids: servers } = fieldsOf(guard.value);
    return [apis, servers].flatMap((ids): unknown[] => (Array.isArray(ids) ? ids : [])).map((id): [unknown, Held] => [id, guard]);
  });
  return { byApi: new Map(named), everywhere: guards.find(isVague) };
}

function isVague(item: Held): boolean {
  const { api_ids: apis, mcp_server_ids: servers = [] } = fieldsOf(item.value);
  return isIllegible(item) || (guarding.has(item.kind) && !(areIds(apis) && areIds(servers)));
}

const areIds = (ids: unknown): boolean => Array.isArray(ids) && ids.every((id) => typeof id === 'string');

/** Nothing can be read of it but what a list says: not even that it is a policy. */
const isIllegible = ({ value }: Held): boolean => typeof value !== 'object' || value === null;

/** Why an API, or an MCP server, is not served, though it is understood itself: it is never served without a policy that is attached to it. */
export function withheldReason({ kind, value, fault }: Held, { byApi, everywhere }: Guards): string | undefined {
  if ((kind !== 'api' && kind !== 'mcp_server') || fault !== undefined) return undefined;
  const guard = byApi.get(fieldsOf(value)[`${kind}_id`]) ?? everywhere;
  if (guard === undefined) return undefined;
  if (guard.isMissing === true) return `Not served, because ${guard.id}, which may apply to it, is damaged on disk.`;
  return `Not served, because ${nameOf(guard)}, which applies to it, is not understood.`;
}

function nameOf({ kind, value }: Held): string {
  const { kind: stated, name } = fieldsOf(value);
  return `${guarding.has(kind) ? `the ${kind.replace('_', ' ')}` : `the item of kind ${shown(stated)}`}${typeof name === 'string' ? ` ${name.slice(0, 128)}` : ''}`;
}
