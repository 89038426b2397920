import { randomBytes } from 'node:crypto';
import type { AuditKind, AuditOutcome } from '@stoa/generated/schemas.ts';
import { commitment } from '@stoa/lib/audit-record.ts';
import type { AuditCore, PersonalField } from '@stoa/lib/audit-record.ts';
import { canonicalHash, canonicalJson } from '@stoa/lib/canonical-json.ts';
import { rulesOf, splitState, subjectOf } from './object-kinds.ts';
import type { RecordedAction } from './actions.ts';
import type { ObjectKind } from './object-kinds.ts';
import { withoutSecrets } from './without-secrets.ts';

/** Who did it, and from where. */
export type Actor = {
  kind: 'user' | 'token' | 'gateway_key' | 'consumer' | 'server' | 'nobody';
  id?: string | undefined;
  tokenId?: string | undefined;
  name?: string | undefined;
  address?: string | undefined;
  client?: string | undefined;
};
export type EntryObject = { kind: ObjectKind; id?: string | undefined; name?: string | undefined };

/** What is to be recorded. States are as the contract tells them. */
export type Entry = {
  kind: AuditKind;
  action: RecordedAction;
  outcome: AuditOutcome;
  actor: Actor;
  object?: EntryObject | undefined;
  before?: object | undefined;
  after?: object | undefined;
  detail?: Record<string, unknown> | undefined;
  requestId?: string | undefined;
};

export type PersonalRow = { field: string; subject: string | undefined } & Required<PersonalField>;
/** An entry without its place in the chain. */
export type Prepared = { core: Omit<AuditCore, 'tenant' | 'seq' | 'at' | 'previous'>; personal: PersonalRow[] };

const maxStateCharacters = 64 * 1024;
const maxTextCharacters = 256;

/** Takes secrets out of an entry, and what names a person apart. */
export function prepare({ kind, action, outcome, actor, object, before, after, detail, requestId }: Entry): Prepared {
  const who = actor.id === undefined ? undefined : `${actor.kind}:${actor.id}`;
  const ofActor = (['name', 'address', 'client'] as const).flatMap((member): PersonalRow[] => {
    const value = actor[member];
    return value === undefined ? [] : [personalRow(`actor.${member}`, who, value.slice(0, maxTextCharacters))];
  });
  const states = { before: before && clean(before), after: after && clean(after) };
  const ofObject = object && objectParts(object, states);
  const personal = [...ofActor, ...(ofObject?.personal ?? [])];
  return {
    core: {
      kind,
      action,
      outcome,
      actor: present({ kind: actor.kind, id: actor.id, token_id: actor.tokenId }),
      ...present({ object: ofObject?.object, before: ofObject?.before, after: ofObject?.after, detail, request_id: requestId }),
      commitments: Object.fromEntries(
        personal.map(({ field, subject, salt, value }) => [field, present({ hash: commitment(salt, value), subject })] as const),
      ) as AuditCore['commitments'],
    } as Prepared['core'],
    personal,
  };
}

type States = { before: Record<string, unknown> | undefined; after: Record<string, unknown> | undefined };

function objectParts({ kind, id, name }: EntryObject, states: States) {
  const { isNamePersonal } = rulesOf(kind);
  const subject = id === undefined ? undefined : subjectOf(kind, id, states.after, states.before);
  const split = (place: 'before' | 'after') => {
    const state = states[place];
    if (state === undefined) return { kept: undefined, personal: [] };
    const { kept, personal } = splitState(kind, state);
    return { kept: bounded(kept), personal: personal.map(([member, value]) => personalRow(`${place}.${member}`, subject, value)) };
  };
  const [before, after] = [split('before'), split('after')];
  const ofName = name !== undefined && isNamePersonal ? [personalRow('object.name', subject, name)] : [];
  return {
    object: present({ kind, id, name: isNamePersonal ? undefined : name }),
    before: before.kept,
    after: after.kept,
    personal: [...ofName, ...before.personal, ...after.personal],
  };
}

const personalRow = (field: string, subject: string | undefined, value: unknown): PersonalRow => ({
  field,
  subject,
  value,
  salt: randomBytes(16).toString('hex'),
});

/** As it travels, without secrets. */
const clean = (state: object): Record<string, unknown> => withoutSecrets(JSON.parse(JSON.stringify(state))) as Record<string, unknown>;

/** A state that is too large is told by its hash. */
function bounded(state: Record<string, unknown>): Record<string, unknown> {
  return canonicalJson(state).length <= maxStateCharacters ? state : { too_large: true, hash: canonicalHash(state) };
}

const present = <T extends Record<string, unknown>>(members: T): T =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
