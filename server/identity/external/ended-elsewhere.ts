import type { Entry } from '../../audit/entry.ts';

export type EndedSession = { id: string; tenant_id: string; user_id: string; name: string };

/** The record of a session that ends because of what its issuer says: that the person signed out there, or, asked again, that he is nobody any more. */
export const endedElsewhere = ({ id, user_id, name }: EndedSession, when: 'signed out' | 'asked again'): Entry => ({
  kind: 'sign-in',
  action: 'endSession',
  outcome: 'done',
  actor: { kind: 'user', id: user_id, name },
  object: { kind: 'session', id, name },
  detail: { ended: true, by: 'external issuer', when },
});
