import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { operations } from '@stoa/generated/operations.ts';
import type { OperationId } from '@stoa/generated/operations.ts';
import { accessOf, allows, permissions, roles } from '@stoa/generated/permissions.ts';
import type { CallOptions, ControlPlane } from '../subjects/over-http.ts';
import type { Suite } from './case.ts';
import { makeToken, samples } from './management/samples.ts';

/** Every name is one of an environment in each tenant: nobody reaches those of another. */
const ofOwnEnvironments: readonly string[] = ['getEnvironment', 'setEnvironment'];

/** What a request names an operation in its body for, asks for the permission of that one as well; the sample names this one. */
const namedIn: Readonly<Partial<Record<OperationId, OperationId>>> = { createApproval: 'createDeployment' };

/** Whoever gives roles, has them: the sample invites a viewer. */
const gives: Readonly<Partial<Record<OperationId, readonly string[]>>> = { createInvitation: roles.viewer.permissions };

type Caller = { who: string; token: string; may: boolean };

/**
 * Every operation of the contract × every role, and × tokens that scopes narrow to what the operation asks for, and to all but that. What the path names
 * belongs to another tenant: who has the permission is told that there is no such thing, as of what never was, and nothing becomes of it.
 */
export const rights: Suite<ControlPlane> = (check) => {
  for (const id of Object.keys(operations) as OperationId[]) {
    const may = Object.keys(roles).filter((role) => allows([role], id));
    check(['OPS-002'], `${id} asks for ${accessOf(id)}, and is open to ${may.join(', ') || 'no role'}`, async (controlPlane) => {
      const callers = await callersOf(controlPlane, id);
      if (isOfPlatform(id)) await askForPlatform(controlPlane, id, callers);
      else if (operations[id].path.includes('{') && !ofOwnEnvironments.includes(id)) await askForForeign(controlPlane, id, callers);
      else await Promise.all(callers.map((caller) => askForOwn(controlPlane, id, caller)));
    });
  }
};

const sampleOf = async (controlPlane: ControlPlane, id: OperationId): Promise<CallOptions> =>
  (await samples[id]?.(controlPlane)) ?? { path: strangers(id) };
const strangers = (id: OperationId): Record<string, string> =>
  Object.fromEntries([...operations[id].path.matchAll(/\{(\w+_id|hash)\}/g)].map(([, name = '']) => [name, randomUUID()]));

async function askForOwn(controlPlane: ControlPlane, id: OperationId, { who, token, may }: Caller): Promise<void> {
  const isWhole = may || namedIn[id] !== undefined;
  const sample = isWhole || operations[id].path.includes('{') ? await sampleOf(controlPlane, id) : {};
  // Else a refusal comes before the body is read: there need be none.
  const { status, text } = await controlPlane.call(id, { ...(isWhole ? sample : { path: sample.path ?? {} }), token });
  assert.ok(may ? status < 300 : status === 403, `${who} got ${status}: ${text}`);
}

const isOfPlatform = (id: OperationId): boolean => accessOf(id).startsWith('tenants.');

/** Tenants are of the platform: there its roles count, and in another tenant nobody's do. */
async function askForPlatform(controlPlane: ControlPlane, id: OperationId, callers: readonly Caller[]): Promise<void> {
  for (const caller of callers) await askForOwn(controlPlane, id, caller);
  const { adminToken } = await otherTenantOf(controlPlane);
  await askForOwn(controlPlane, id, { who: 'the owner of another tenant', token: adminToken, may: false });
}

async function askForForeign(controlPlane: ControlPlane, id: OperationId, callers: readonly Caller[]): Promise<void> {
  const other = await otherTenantOf(controlPlane);
  const theirs = await sampleOf(other, id);
  const ask = (token: string, path: CallOptions['path'] = theirs.path ?? {}) => controlPlane.call(id, { ...theirs, path, token });
  for (const [index, { status, text, body }] of (await Promise.all(callers.map(({ token }) => ask(token)))).entries()) {
    const { who, token, may } = callers[index] as Caller;
    assert.equal(status, may ? 404 : 403, `${who}: ${text}`);
    if (may && who === 'owner') assert.equal((await ask(token, { ...theirs.path, ...strangers(id) })).body['detail'], body['detail']);
  }
  // A brake that holds nobody is released by the next sweep.
  const isThere = accessOf(id) in permissions && id !== 'releaseBrake';
  if (isThere) assert.ok((await other.call(id, theirs)).status < 300, 'it is still there for the tenant that it belongs to');
}

/** Made once for each Control Plane. */
function once<T>(make: (controlPlane: ControlPlane) => Promise<T>): (controlPlane: ControlPlane) => Promise<T> {
  const made = new WeakMap<ControlPlane, Promise<T>>();
  return (controlPlane) => {
    const known = made.get(controlPlane) ?? make(controlPlane);
    made.set(controlPlane, known);
    return known;
  };
}

const otherTenantOf = once((controlPlane) => controlPlane.anotherTenant());
const tokensOf = once(async (controlPlane) => {
  const mint = (body: Record<string, unknown>) => makeToken(controlPlane, { name: 'caller', ...body }).then(({ secret }) => secret);
  const byRole = await Promise.all(Object.keys(roles).map(async (role) => [role, await mint({ role })] as const));
  const narrowed = new Map<string, Promise<string>>();
  return {
    byRole,
    /** An owner's, narrowed to these permissions. */
    narrowedTo(scopes: readonly string[]): Promise<string> {
      const key = scopes.join();
      const known = narrowed.get(key) ?? mint({ role: 'owner', scopes });
      narrowed.set(key, known);
      return known;
    },
  };
});

async function callersOf(controlPlane: ControlPlane, id: OperationId): Promise<Caller[]> {
  const { byRole, narrowedTo } = await tokensOf(controlPlane);
  const access = accessOf(id);
  const all = Object.keys(permissions);
  const isForAnybody = access === 'public' || access === 'self';
  const named = namedIn[id];
  const needed = [access, ...(named === undefined ? [] : [accessOf(named)]), ...(gives[id] ?? [])];
  return [
    ...byRole.map(([who, token]) => ({ who, token, may: allows([who], id) && (named === undefined || allows([who], named)) })),
    ...(all.includes(access) ? [{ who: 'owner of this alone', token: await narrowedTo(needed), may: true }] : []),
    { who: 'owner of all but this', token: await narrowedTo(all.filter((permission) => permission !== access)), may: isForAnybody },
  ];
}
