import type { Finding, ManagedObject, PlanInput } from '../../engine/model.ts';
import { areNested } from './paths.ts';
import type { GraviteeObserved, OurApi } from './observed.ts';
import { keysRemedy } from './probe.ts';
import { apiView, recordOf, textsOf } from './views.ts';

/** What stands in the way of what is desired, and is not ours to move. */
export type Conflicts = {
  readonly rejections: readonly Finding[];
  /** Owners whose API stays as it was last applied. */
  readonly held: ReadonlySet<string>;
  /** APIs of ours that may not be served, each with the reason. */
  readonly closed: ReadonlyMap<string, string>;
  /** Those that may not be deployed, each with the reason: they are served as they were deployed last. */
  readonly waiting: ReadonlyMap<string, string>;
  isLeftOut(object: ManagedObject): boolean;
};

/** Finds what Gravitee would refuse, and what would be served otherwise than desired. Pure. */
export function findConflicts(input: PlanInput<GraviteeObserved>, desired: readonly ManagedObject[]): Conflicts {
  const { observed } = input;
  const rejections: Finding[] = [];
  const reject = ({ owner, alsoFor }: ManagedObject, reason: string): void => {
    for (const itemId of [owner, ...alsoFor]) rejections.push({ itemId, phase: 'validate', reason });
  };
  const held = new Set<string>();
  for (const [object, reason] of takenPaths(desired, observed)) {
    held.add(object.owner);
    reject(object, reason);
  }
  const closed = new Map<string, string>();
  const waiting = new Map<string, string>();
  const undeployed = new Set<string>();
  for (const object of desired) {
    const api = object.kind === 'deployment' ? observed.find('deployment', object.id)?.api : undefined;
    if (api === undefined) continue;
    const { foreign, draft } = meddlersOf(api);
    if (foreign !== undefined) closed.set(api.mark.object, foreign);
    if (draft !== undefined) waiting.set(api.mark.object, draft);
    const reason = foreign ?? draft;
    if (reason === undefined) continue;
    undeployed.add(object.id);
    reject(object, reason);
  }
  const leftOut = new Set<string>();
  for (const object of desired) {
    const reason = object.kind === 'subscription' ? keyFault(object, observed) : undefined;
    if (reason === undefined) continue;
    leftOut.add(object.id);
    reject(object, reason);
  }
  return { rejections, held, closed, waiting, isLeftOut: ({ id }) => undeployed.has(id) || leftOut.has(id) };
}

/** Gravitee refuses a path at, below or above that of another API. What is there stays; of two that are new the first by its item gets it. */
function takenPaths(desired: readonly ManagedObject[], observed: GraviteeObserved): (readonly [ManagedObject, string])[] {
  const pathsOf = (api: OurApi | undefined): string[] => (api === undefined ? [] : textsOf(apiView(api.entity)['paths']));
  const taken = observed.others.flatMap((entity) =>
    textsOf(apiView(entity)['paths']).map((path) => ({
      path,
      label: `the API ${String(entity['name'])} (${entity.id}), which STOA Connect did not make`,
    })),
  );
  const apis = desired.filter(({ kind }) => kind === 'api');
  const isInForce = (object: ManagedObject): boolean => pathsOf(observed.apis.get(object.id)).includes(textsOf(object.fields['paths'])[0] ?? '');
  const inOrder = [...apis].sort((a, b) => Number(isInForce(b)) - Number(isInForce(a)) || (a.owner < b.owner ? -1 : 1));
  return inOrder.flatMap((object): (readonly [ManagedObject, string])[] => {
    const [path = ''] = textsOf(object.fields['paths']);
    const other = taken.find((one) => areNested(one.path, path));
    taken.push({ path, label: object.label });
    if (other === undefined) return [];
    taken.pop();
    // It keeps what it has.
    taken.push(...pathsOf(observed.apis.get(object.id)).map((own) => ({ path: own, label: object.label })));
    return [[object, `${object.label} needs the path ${path}, and Gravitee lets no API be at, below or above ${other.path} beside ${other.label}.`]];
  });
}

/** Policies stand in our plan: by a plan of somebody else a caller comes in without them. */
function meddlersOf({ entity, plans, foreignDraft }: OurApi): { foreign: string | undefined; draft: string | undefined } {
  const name = String(entity['name']);
  const plan = plans.find(({ entity: one, mark }) => mark === undefined && one['status'] !== 'STAGING')?.entity;
  const foreign =
    plan === undefined
      ? undefined
      : `The plan ${String(plan['name'])} (${plan.id}) of ${name}, which STOA Connect did not make, would let callers in past its policies; close it. Until then ${name} is stopped.`;
  const draft =
    foreignDraft === undefined
      ? undefined
      : `Somebody changed ${foreignDraft} of ${name} and has not deployed it, which a deployment would do for him: deploy it in Gravitee, or take it back.`;
  return { foreign, draft };
}

function keyFault(object: ManagedObject, { node, find, takenKeys }: GraviteeObserved): string | undefined {
  if (takenKeys.has(object.id)) return `${object.label}: Gravitee has this key already, for another application; mint the consumer a new one.`;
  const found = find('subscription', object.id);
  const isWritten = found !== undefined && textsOf(recordOf(found.view)['keys']).includes(String(object.fields['key']));
  return node.customApiKeys || isWritten ? undefined : `${object.label}: ${keysRemedy}`;
}
