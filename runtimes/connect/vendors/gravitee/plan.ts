import type { Change, ManagedObject, PlanInput, Write, WritePlan } from '../../engine/model.ts';
import { findConflicts } from './conflicts.ts';
import type { Conflicts } from './conflicts.ts';
import { graviteeMismatch } from './mismatch.ts';
import { deploymentObject } from './names.ts';
import type { GraviteeObserved, OurApi } from './observed.ts';
import type { GraviteePayload } from './payload.ts';
import { holdBack } from './hold.ts';

/**
 * The order of writes. A write of an API or of a plan changes a draft; only the deployment puts it live, whole, when everything else is there. What may not be served is stopped first. Subscriptions and
 * keys act without a deployment: those that were revoked go first, and new ones come before what asks for them.
 */
const order = ['stop', 'remove', 'unsubscribe', 'application', 'update', 'create', 'plan', 'subscribe', 'close', 'deploy', 'archive'] as const;
const stageOf = (step: GraviteePayload['step']): number => order.indexOf(step);
/** What was written is read back before it is put live. */
const checkpoints = [stageOf('deploy')];

type Planned = Write<GraviteePayload>;
type Scene = {
  readonly input: PlanInput<GraviteeObserved>;
  readonly desired: ReadonlyMap<string, ManagedObject>;
  readonly made: ReadonlyMap<string, ManagedObject>;
  readonly strays: ReadonlySet<string>;
  /** Owners of APIs that get a policy that was not in force: what fails then closes them. */
  readonly guarded: ReadonlySet<string>;
};

/** Compares desired, last applied and observed, and answers the ordered writes. Pure. */
export function planGravitee(input: PlanInput<GraviteeObserved>): WritePlan<GraviteePayload> {
  const { lastApplied, observed } = input;
  const conflicts = findConflicts(input, holdBack(input, input.held));
  const held = new Set([...input.held, ...conflicts.held]);
  const kept = holdBack(input, held).filter((object) => !conflicts.isLeftOut(object));
  // One that is held and that nothing remembers stays as it is.
  const strays = [...observed.apis.values()].flatMap(({ mark }) => (held.has(mark.item) ? [mark.object] : []));
  const apis = new Set([...strays, ...kept.flatMap(({ kind, id }) => (kind === 'api' ? [id] : []))]);
  // What hangs on an API that is not there has nothing to hang on.
  const target = kept.filter((object) => isStanding(object, apis));
  const scene: Scene = {
    input,
    desired: new Map(target.map((object) => [object.id, object])),
    strays: new Set(strays),
    made: new Map(lastApplied.map((object) => [object.id, object])),
    guarded: newlyGuarded(target, lastApplied),
  };
  const writes = [...closings(scene, conflicts), ...removals(scene), ...puts(scene)];
  writes.sort((a, b) => a.stage - b.stage);
  return { writes, rejections: conflicts.rejections, target, checkpoints };
}

function isStanding(object: ManagedObject, apis: ReadonlySet<string>): boolean {
  return object.kind === 'application' || object.kind === 'api' || apis.has(apiOf(object));
}

/** The object of the API that an object hangs on. */
const apiOf = ({ fields }: ManagedObject): string => String(fields['api']);

/** Owners of APIs with a policy that no deployment has put in force. */
function newlyGuarded(target: readonly ManagedObject[], lastApplied: readonly ManagedObject[]): ReadonlySet<string> {
  const before = new Map(lastApplied.flatMap(({ kind, owner, alsoFor }) => (kind === 'deployment' ? [[owner, new Set(alsoFor)] as const] : [])));
  const isNew = ({ owner, alsoFor }: ManagedObject): boolean => alsoFor.some((policy) => before.get(owner)?.has(policy) !== true);
  return new Set(target.filter(isNew).map(({ owner }) => owner));
}

const write = (payload: GraviteePayload, changes: readonly Change[], more: Partial<Planned> = {}): Planned => ({
  changes,
  stage: stageOf(payload.step),
  payload,
  ...more,
});

/** Without everything that guards it an API may not be served. */
function closings({ input: { observed }, guarded }: Scene, { closed, waiting }: Conflicts): Planned[] {
  return [...observed.apis.values()].flatMap((api): Planned[] => {
    const reason = closed.get(api.mark.object) ?? (guarded.has(api.mark.item) ? waiting.get(api.mark.object) : undefined);
    return reason === undefined || api.entity['state'] !== 'STARTED' ? [] : [stop(api, reason)];
  });
}

function stop({ entity, mark }: OurApi, detail: string): Planned {
  const fields = { state: 'STOPPED' };
  const id = deploymentObject(mark.gatewayId, mark.object);
  const object: ManagedObject = { kind: 'deployment', id, label: `API ${String(entity['name'])}`, owner: mark.item, alsoFor: [], fields };
  return write({ step: 'stop', apiId: entity.id }, [{ action: 'patch', object, detail }]);
}

const unwanted = (object: ManagedObject): Change => ({ action: 'delete', object, detail: 'no longer desired' });

/** What is ours and no longer desired. An API takes with it what hangs on it. */
function removals(scene: Scene): Planned[] {
  const { input, desired } = scene;
  const { apis, applications, doubles } = input.observed;
  const gone = (kind: string, id: string, label: string, item: string): Change =>
    unwanted(scene.made.get(id) ?? { kind, id, label, owner: item, alsoFor: [], fields: {} });
  const writes: Planned[] = [];
  for (const api of apis.values()) {
    const { entity, mark, plans, subscriptions } = api;
    const label = String(entity['name']);
    const planChanges = plans.flatMap(({ entity: plan, mark: own }) =>
      own === undefined || desired.has(own.object)
        ? []
        : [{ plan, change: gone('plan', own.object, `plan ${String(plan['name'])} of ${label}`, own.item || mark.item) }],
    );
    const ended = subscriptions
      .filter(({ object }) => !desired.has(object))
      .map((one) => ({ one, change: gone('subscription', one.object, `subscription to ${label}`, mark.item) }));
    if (!desired.has(mark.object) && !scene.strays.has(mark.object)) {
      const remembered = input.lastApplied.filter((object) => object.kind === 'deployment' && apiOf(object) === mark.object);
      const changes = [
        gone('api', mark.object, `API ${label}`, mark.item),
        ...[...planChanges, ...ended].map(({ change }) => change),
        ...remembered.map(unwanted),
      ];
      const isStarted = entity['state'] === 'STARTED';
      const more = isStarted ? { onFailure: stop(api, 'it has to go, and could not be deleted') } : {};
      writes.push(write({ step: 'remove', apiId: entity.id, isStarted }, changes, { always: true, ...more }));
      continue;
    }
    for (const { one, change } of ended) {
      writes.push(write({ step: 'unsubscribe', apiId: entity.id, subscriptionId: one.entity.id }, [change], { always: true }));
    }
    for (const { plan, change } of planChanges) {
      writes.push(
        write(
          { step: 'close', apiId: entity.id, planId: plan.id, isStaging: plan['status'] === 'STAGING' },
          [change],
          closesOnFailure(scene, change.object),
        ),
      );
    }
  }
  const leaving = [...[...applications.values()].filter(({ mark }) => !desired.has(mark.object)), ...doubles];
  for (const { entity, mark } of leaving) {
    const isDouble = doubles.some((one) => one.entity.id === entity.id);
    const object = isDouble
      ? { kind: 'double', id: entity.id, label: `application ${String(entity['name'])}`, owner: mark.item, alsoFor: [], fields: {} }
      : undefined;
    const change = object === undefined ? gone('application', mark.object, `application ${String(entity['name'])}`, mark.item) : unwanted(object);
    writes.push(write({ step: 'archive', applicationId: entity.id }, [change]));
  }
  return writes;
}

function closesOnFailure({ input: { observed }, guarded }: Scene, { owner }: ManagedObject): Partial<Planned> {
  const api = [...observed.apis.values()].find(({ mark, entity }) => mark.item === owner && entity['state'] === 'STARTED');
  return api !== undefined && guarded.has(owner) ? { onFailure: stop(api, 'a policy of it could not be put in place') } : {};
}

function puts(scene: Scene): Planned[] {
  const { input, desired } = scene;
  const { observed } = input;
  const changes = [...desired.values()].flatMap((object): Change[] => {
    const found = observed.find(object.kind, object.id);
    const detail = found === undefined ? 'missing' : graviteeMismatch(object, found, 'edit');
    return detail === undefined ? [] : [{ action: 'put', object, detail }];
  });
  // What closes or changes a plan or an API is not in force before it is deployed.
  const draft = new Set(changes.flatMap(({ object: { kind, owner } }) => (kind === 'api' || kind === 'plan' ? [owner] : [])));
  for (const one of removals(scene)) if (one.payload.step === 'close') for (const { object } of one.changes) draft.add(object.owner);
  const written = new Set(changes.map(({ object }) => object.id));
  for (const object of desired.values()) {
    if (object.kind === 'deployment' && draft.has(object.owner) && !written.has(object.id))
      changes.push({ action: 'put', object, detail: 'changed since it was deployed' });
  }
  const isNew = (object: ManagedObject | undefined): boolean => object !== undefined && observed.find('api', object.id) === undefined;
  return changes.flatMap((change): Planned[] => {
    const { object } = change;
    const api = apiOf(object);
    // The plan of a new API is made with it.
    if (object.kind === 'plan' && isNew(desired.get(api))) return [];
    const itsPlans = object.kind === 'api' ? changes.filter((one) => one.object.kind === 'plan' && apiOf(one.object) === object.id) : [];
    const payload = payloadOf(
      object,
      api,
      itsPlans.map((one) => one.object),
      observed,
    );
    const all = payload.step === 'create' ? [change, ...itsPlans] : [change];
    return [write(payload, all, object.kind === 'application' || object.kind === 'subscription' ? {} : closesOnFailure(scene, object))];
  });
}

function payloadOf(object: ManagedObject, api: string, plans: readonly ManagedObject[], observed: GraviteeObserved): GraviteePayload {
  const found = observed.find(object.kind, object.id);
  switch (object.kind) {
    case 'application':
      return { step: 'application', object, applicationId: found?.entity.id };
    case 'api':
      return found === undefined ? { step: 'create', object, plans } : { step: 'update', object, apiId: found.entity.id };
    case 'plan':
      return { step: 'plan', object, api, planId: found?.entity.id, isPublished: found !== undefined && found.view['status'] !== 'STAGING' };
    case 'subscription': {
      const keys = found?.view['keys'];
      const hasKey = Array.isArray(keys) && keys.includes(object.fields['key']);
      return { step: 'subscribe', object, api, subscriptionId: found?.entity.id, hasKey };
    }
    case 'deployment':
      return { step: 'deploy', api, isStarted: found?.view['state'] === 'STARTED' };
    default:
      throw new Error(`Gravitee has no ${object.kind}.`);
  }
}
