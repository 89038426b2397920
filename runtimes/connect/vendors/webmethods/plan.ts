import { mismatch, within } from '../../engine/compare.ts';
import type { ComparisonRules } from '../../engine/compare.ts';
import type { Change, Finding, ManagedObject, PlanInput, Write, WritePlan } from '../../engine/model.ts';
import { targetOf } from '../../engine/plan-document.ts';
import type { ObjectRole } from '../../engine/plan-document.ts';
import type { WebmethodsFound, WebmethodsApi, WebmethodsObserved } from './fetch.ts';
import { nameOf } from './fetch.ts';
import { aliasName, partObject } from './names.ts';

/** What a write tells the writer, as data. */
export type WebmethodsPayload =
  | { readonly step: 'deactivate' | 'remove'; readonly apiId: string; readonly isActive: boolean }
  | { readonly step: 'alias'; readonly object: ManagedObject; readonly aliasId: string | undefined }
  | { readonly step: 'create'; readonly object: ManagedObject }
  | { readonly step: 'policy'; readonly object: ManagedObject; readonly api: string }
  | { readonly step: 'update'; readonly object: ManagedObject; readonly apiId: string }
  | { readonly step: 'activate'; readonly api: string }
  | { readonly step: 'orphan' | 'unalias'; readonly id: string };
type Step = WebmethodsPayload['step'];

/** Changes of an active API act at once: its policy is written before its operations, and both before it is activated. A checkpoint reads back what an activation opens. */
const order: readonly Step[] = ['deactivate', 'remove', 'alias', 'create', 'policy', 'update', 'activate', 'orphan', 'unalias'];
const checkpoints = [order.indexOf('activate')];

const rules: ComparisonRules = { unordered: new Set(['tags', 'operations']), confidential: new Set() };

/** Where an object that is there differs from what it shall be, in words. */
export function webmethodsMismatch({ fields }: ManagedObject, { view }: WebmethodsFound, as: 'drift' | 'edit'): string | undefined {
  return mismatch(fields, 'actions' in fields ? { ...view, actions: within(fields['actions'], view['actions']) } : view, as, rules);
}

const roleOf = ({ kind }: ManagedObject): ObjectRole => (kind === 'policy' ? 'guard' : 'exposure');
type Planned = Write<WebmethodsPayload>;
const write = (payload: WebmethodsPayload, changes: readonly Change[], more: Partial<Planned> = {}): Planned => ({
  changes,
  stage: order.indexOf(payload.step),
  payload,
  ...more,
});

/** Compares desired, last applied and observed, and answers the ordered writes. Pure. */
export function planWebmethods(input: PlanInput<WebmethodsObserved>): WritePlan<WebmethodsPayload> {
  const { observed, lastApplied, desired } = input;
  const rejections = desired.flatMap((object) => nameTaken(object, observed));
  const held = new Set([...input.held, ...rejections.map(({ itemId }) => itemId)]);
  const target = targetOf({ ...input, held }, roleOf);
  const made = new Map(lastApplied.map((object) => [object.id, object]));
  const before = new Map(lastApplied.flatMap(({ kind, owner, alsoFor }) => (kind === 'activation' ? [[owner, new Set(alsoFor)] as const] : [])));
  const isNew = ({ owner, alsoFor }: ManagedObject): boolean => alsoFor.some((policy) => before.get(owner)?.has(policy) !== true);
  const guarded = new Set(target.filter(isNew).map(({ owner }) => owner));
  // An action that was made, and whose policy could not name it then, is taken up.
  const wanted = new Set(
    target.flatMap(({ fields }) => (Array.isArray(fields['actions']) ? fields['actions'].map((one: { name: string }) => one.name) : [])),
  );
  const loose = { ...observed, orphans: observed.orphans.filter((action) => !wanted.has(nameOf(action))) };
  const writes = [...removals(loose, new Set(target.map(({ id }) => id)), held, made), ...target.flatMap((object) => put(object, observed, guarded))];
  writes.sort((a, b) => a.stage - b.stage);
  return { writes, rejections, target, checkpoints };
}

function nameTaken(object: ManagedObject, { others }: WebmethodsObserved): Finding[] {
  const { name, version } = object.fields;
  const other = object.kind === 'api' ? others.find((one) => one['apiName'] === name && one['apiVersion'] === version) : undefined;
  if (other === undefined) return [];
  const reason = `${object.label}: an API of this name and version is there (${other.id}), and this STOA Connect did not make it. Rename or remove it, or set STOA_WEBMETHODS_API_VERSION.`;
  return [{ itemId: object.owner, phase: 'validate', reason }];
}

function put(object: ManagedObject, observed: WebmethodsObserved, guarded: ReadonlySet<string>): Planned[] {
  const found = observed.find(object.kind, object.id);
  const detail = found === undefined ? 'missing' : webmethodsMismatch(object, found, 'edit');
  if (detail === undefined) return [];
  const payload = payloadOf(object, found);
  const live = [...observed.apis.values()].find(({ item, isActive }) => item === object.owner && isActive);
  // What asks for more than before, and cannot be put in place, closes what it was to guard.
  const closes = object.kind === 'policy' && live !== undefined && guarded.has(object.owner);
  const onFailure = closes ? deactivation(live, observed.gatewayId, 'a policy of it could not be put in place') : undefined;
  return [write(payload, [{ action: 'put', object, detail }], onFailure === undefined ? {} : { onFailure })];
}

function payloadOf(object: ManagedObject, found: WebmethodsFound | undefined): WebmethodsPayload {
  const api = String(object.fields['api']);
  switch (object.kind) {
    case 'alias':
      return { step: 'alias', object, aliasId: found?.id };
    case 'api':
      return found === undefined ? { step: 'create', object } : { step: 'update', object, apiId: found.id };
    case 'policy':
      return { step: 'policy', object, api };
    case 'activation':
      return { step: 'activate', api };
    default:
      throw new Error(`webMethods has no ${object.kind}.`);
  }
}

function deactivation({ entity, object: id, item }: WebmethodsApi, gatewayId: string, detail: string): Planned {
  const label = `API ${String(entity['apiName'])}`;
  const object: ManagedObject = {
    kind: 'activation',
    id: partObject(gatewayId, 'activation', id),
    label,
    owner: item,
    alsoFor: [],
    fields: { isActive: false },
  };
  return write({ step: 'deactivate', apiId: entity.id, isActive: true }, [{ action: 'patch', object, detail }]);
}

function removals(
  { gatewayId, apis, aliases, orphans }: WebmethodsObserved,
  desired: ReadonlySet<string>,
  held: ReadonlySet<string>,
  made: ReadonlyMap<string, ManagedObject>,
): Planned[] {
  const gone = (kind: string, id: string, label: string, owner: string): Change => {
    const object = made.get(id) ?? { kind, id, label, owner, alsoFor: [], fields: {} };
    return { action: 'delete', object, detail: 'no longer desired' };
  };
  const kept = new Set<string>();
  const writes = [...apis.values()].flatMap((api): Planned[] => {
    const { entity, object, item, isActive } = api;
    if (desired.has(object) || held.has(item)) {
      kept.add(aliasName(gatewayId, object));
      return [];
    }
    const label = String(entity['apiName']);
    const parts = (['policy', 'activation'] as const).map((kind) => gone(kind, partObject(gatewayId, kind, object), `${kind} of ${label}`, item));
    const more = isActive ? { onFailure: deactivation(api, gatewayId, 'it has to go, and could not be deleted') } : {};
    return [write({ step: 'remove', apiId: entity.id, isActive }, [gone('api', object, `API ${label}`, item), ...parts], { always: true, ...more })];
  });
  const unused = aliases.filter((alias) => !desired.has(String(alias['name'])) && !kept.has(String(alias['name'])));
  return [
    ...writes,
    ...orphans.map((action) => write({ step: 'orphan', id: action.id }, [gone('orphan', action.id, `action ${nameOf(action)}`, '')])),
    ...unused.map((alias) => write({ step: 'unalias', id: alias.id }, [gone('alias', String(alias['name']), `alias ${String(alias['name'])}`, '')])),
  ];
}
