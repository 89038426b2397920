import { nearestName } from '@stoa/lib/nearest-name.ts';
import { operations } from '@stoa/generated/operations.ts';
import type { OperationId } from '@stoa/generated/operations.ts';

/** What is recorded beside operations: steps of signing in, what commands of the server do, and what runtimes tell. */
export const steps = [
  'call',
  'changeAuthenticator',
  'changePassword',
  'changeRecoveryCodes',
  'endAllSessions',
  'endClient',
  'endOtherSessions',
  'endSession',
  'exchangeToken',
  'firstUse',
  'followGroups',
  'join',
  'keyEndsSoon',
  'recoverOwner',
  'resetPassword',
  'rotateDataKeys',
  'rotateIssuerKeys',
  'rotateMasterKey',
  'rotateSigningKey',
  'signIn',
  'startSession',
  'switchTenant',
] as const;

/** What a record says was done. */
export type RecordedAction = OperationId | (typeof steps)[number];

const actions: readonly string[] = [...Object.keys(operations), ...steps];

export const isAction = (name: string): boolean => actions.includes(name);

const namedAtMost = 5;

/** What somebody may have meant who names something that is no action: what has the word in it, or else what is spelled nearly so. */
export function actionsLike(name: string): string[] {
  const word = name.toLowerCase();
  const within = actions.filter((action) => action.toLowerCase().includes(word));
  const nearest = nearestName(name, actions);
  return [...new Set([...(nearest === undefined ? [] : [nearest]), ...within])].slice(0, namedAtMost);
}
