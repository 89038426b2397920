import type { UserPatch } from '@stoa/generated/schemas.ts';
import { answered, tagged } from '../answered.ts';
import { findOne } from '../find.ts';
import { kindOf } from '../kinds.ts';
import type { Format } from '../output/format-names.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import { printable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { get } from './get.ts';
import type { GetOptions } from './get-options.ts';
import { requireRoles } from './roles.ts';

export type UserListOptions = GlobalOptions & { output: Format; all?: boolean; limit?: number };
export type InviteOptions = GlobalOptions & { role: string[]; output: string };

export const listUsers = (terminal: Terminal, options: UserListOptions): Promise<void> =>
  get(terminal, 'users', undefined, { ...options, headers: true });
export const getUser = (terminal: Terminal, name: string, options: UserListOptions): Promise<void> =>
  get(terminal, 'user', name, { ...options, headers: true });

export const listInvitations = (terminal: Terminal, options: GetOptions): Promise<void> => get(terminal, 'invitations', undefined, options);

/** Prints the link, which lets its holder in: to stdout alone, so that it can be piped to whom it is for. */
export async function inviteUser(terminal: Terminal, email: string | undefined, options: InviteOptions): Promise<void> {
  const roles = requireRoles(options.role);
  const { client } = await openSession(terminal, options);
  const invitation = await answered(client.createInvitation({ body: { roles, ...(email !== undefined && { email }) } }));
  if (options.output === 'json') return terminal.out(`${JSON.stringify(invitation, null, 2)}\n`);
  terminal.out(`${printable(invitation.url)}\n`);
  const whom = email === undefined ? 'Whoever has the link first' : printable(email);
  terminal.err(`${whom} joins by it, once, until ${invitation.expires_at}, as ${roles.join(', ')}. Hand it on by a way that nobody else reads.\n`);
}

/** Prints the link, as that of an invitation. */
export async function linkToNewPassword(terminal: Terminal, name: string, options: GlobalOptions & { output: string }): Promise<void> {
  const { client } = await openSession(terminal, options);
  const user_id = String((await findOne(kindOf('user'), client, name))['user_id']);
  const link = await answered(client.createResetLink({ params: { path: { user_id } } }));
  if (options.output === 'json') return terminal.out(`${JSON.stringify(link, null, 2)}\n`);
  terminal.out(`${printable(link.url)}\n`);
  terminal.err(
    `${printable(name)} sets password and authenticator anew by it, once, until ${link.expires_at}. Hand it on by a way that nobody else reads.\n`,
  );
}

/** Changes what somebody is, unless another was faster. */
export async function editUser(
  terminal: Terminal,
  name: string,
  patch: { roles?: string[]; state?: NonNullable<UserPatch['state']> },
  options: GlobalOptions,
) {
  const { roles, ...others } = patch;
  const body: UserPatch = { ...others, ...(roles && { roles: requireRoles(roles) }) };
  const { client } = await openSession(terminal, options);
  const path = { user_id: String((await findOne(kindOf('user'), client, name))['user_id']) };
  const { etag } = await tagged(client.getUser({ params: { path } }));
  const header = etag === undefined ? {} : { 'If-Match': etag };
  const user = await answered(client.editUser({ params: { path, header }, body }));
  terminal.out(`user/${printable(user.email)} ${user.state}, ${user.roles.join(', ')}\n`);
}
