import type { Change, Inspected, ManagedObject, PlanInput, WritePlan } from './model.ts';

/** What an object is for. `exposure`: with it an API can be reached. `guard`: a policy of it. `caller`: who may call. */
export type ObjectRole = 'exposure' | 'guard' | 'caller';

export type DocumentRules<E, Payload> = {
  readonly gateway: Inspected<E>;
  /** Exposures and guards of an API are owned by the item of the API; the policies that a guard carries are in its `alsoFor`. */
  readonly roleOf: (object: ManagedObject) => ObjectRole;
  /** What is to be written so that the gateway is as the target: the document, the files. */
  readonly payloadOf: (target: readonly ManagedObject[], changes: readonly Change[]) => Payload;
};

/**
 * The plan of a gateway that takes all that is ours in one write: a document, a sub-tree, a set of files. Either nothing is to be changed, or one write makes
 * every change. An API that is held keeps what exposes it as it was last applied, under its policies as they are now; one whose guard was refused is left
 * out. Pure.
 */
export function planDocument<E, Payload>(input: PlanInput<unknown>, rules: DocumentRules<E, Payload>): WritePlan<Payload> {
  const target = targetOf(input, rules.roleOf);
  const changes = changesTo(target, input.lastApplied, rules.gateway);
  const writes = changes.length === 0 ? [] : [{ changes, stage: 0, payload: rules.payloadOf(target, changes) }];
  return { writes, rejections: [], target };
}

/** What there shall be: the desired objects, but for what is held or was refused. */
export function targetOf(
  { desired, lastApplied, held, refused }: PlanInput<unknown>,
  roleOf: (object: ManagedObject) => ObjectRole,
): ManagedObject[] {
  const bad = desired.filter(({ id }) => refused.has(id));
  const closed = new Set(bad.filter((object) => roleOf(object) === 'guard').map(({ owner }) => owner));
  const kept = new Set([...held, ...bad.filter((object) => roleOf(object) === 'exposure').map(({ owner }) => owner)]);
  const isBad = new Set(bad);
  const wanted = desired.filter((object) => !isBad.has(object) && !(kept.has(object.owner) && roleOf(object) === 'exposure'));
  const before = lastApplied.filter((object) => kept.has(object.owner) && roleOf(object) === 'exposure');
  const exposed = new Set(
    [...before, ...wanted].filter((object) => roleOf(object) === 'exposure' && !closed.has(object.owner)).map(({ owner }) => owner),
  );
  // What guards an API that is not there would be left over.
  return [...before, ...wanted].filter((object) => roleOf(object) === 'caller' || exposed.has(object.owner));
}

/** What is to be changed so that there is what shall be. */
export function changesTo<E>(target: readonly ManagedObject[], lastApplied: readonly ManagedObject[], gateway: Inspected<E>): Change[] {
  const kept = new Set(target.map(({ id }) => id));
  const made = new Map(lastApplied.map((object) => [object.id, object]));
  const puts = target.flatMap((object): Change[] => {
    const found = gateway.find(object.kind, object.id);
    const detail = found === undefined ? 'missing' : gateway.mismatch(object, found);
    return detail === undefined ? [] : [{ action: 'put', object, detail }];
  });
  const marked = gateway.marked.filter(({ id }) => !kept.has(id));
  const known = new Set(marked.map(({ id }) => id));
  // Also what we made and cannot tell by its mark, because somebody took that away.
  const unmarked = lastApplied.filter(({ id, kind }) => !kept.has(id) && !known.has(id) && gateway.find(kind, id) !== undefined);
  const gone = [...marked.map((one) => made.get(one.id) ?? unknownObject(one)), ...unmarked];
  return [...puts, ...gone.map((object): Change => ({ action: 'delete', object, detail: 'no longer desired' }))];
}

/** Something with our mark that nothing remembers. */
const unknownObject = ({ id, itemId = '', label }: Inspected['marked'][number]): ManagedObject => ({
  kind: label.split(' ', 1)[0] ?? '',
  id,
  label,
  owner: itemId,
  alsoFor: [],
  fields: {},
});
