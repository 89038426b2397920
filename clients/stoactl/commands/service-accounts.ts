import type { CreatedServiceAccount, ServiceAccount, ServiceAccountRequest } from '@stoa/generated/schemas.ts';
import { answered } from '../answered.ts';
import { CommandError } from '../exit-codes.ts';
import { findOne } from '../find.ts';
import { expiryOf, handOut } from '../hand-out.ts';
import type { SecretOptions } from '../hand-out.ts';
import { kindOf } from '../kinds.ts';
import { readPublicKey } from '../read-public-key.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import { printable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { get } from './get.ts';
import type { GetOptions } from './get-options.ts';
import { requireRoles } from './roles.ts';

export type CreateAccountOptions = GlobalOptions &
  SecretOptions & { role: string[]; scope?: string[]; description?: string; exchangeResource?: string[]; publicKey?: string[] };
export type RotateAccountOptions = GlobalOptions & Omit<SecretOptions, 'expiresIn' | 'expiresAt'> & { overlap: number };

export const listAccounts = (terminal: Terminal, options: GetOptions): Promise<void> => get(terminal, 'service-accounts', undefined, options);

export async function createAccount(terminal: Terminal, name: string, options: CreateAccountOptions): Promise<void> {
  const { scope: scopes, description, exchangeResource: exchange_resources } = options;
  const given = { ...(scopes && { scopes }), ...(description !== undefined && { description }), ...(exchange_resources && { exchange_resources }) };
  // Which permissions there are, the server says.
  const body = { name, roles: requireRoles(options.role), ...given, ...expiryOf(options) };
  if (options.publicKey !== undefined) return createByKeys(terminal, body, options.publicKey, options);
  const { client } = await openSession(terminal, options);
  await handOut(terminal, options, {
    mint: async () => secretOf(await answered(client.createServiceAccount({ body }))),
    id: ({ service_account: { service_account_id } }) => service_account_id,
    revoke: ({ service_account: { service_account_id } }) => answered(client.deleteServiceAccount({ params: { path: { service_account_id } } })),
    told: ({ service_account: { client_id } }) => `service-account/${printable(name)} created, whose client id is ${client_id}`,
  });
}

/** One that signs in by keys has no secret to hand out. */
async function createByKeys(
  terminal: Terminal,
  request: ServiceAccountRequest,
  paths: readonly string[],
  options: CreateAccountOptions,
): Promise<void> {
  if (options.out !== undefined) throw new CommandError('usage', 'A service account with a public key has no secret: leave out --out.');
  const body = { ...request, public_keys: await Promise.all(paths.map(readPublicKey)) };
  const { client } = await openSession(terminal, options);
  const { service_account: account } = await answered(client.createServiceAccount({ body }));
  if (options.output === 'json') return terminal.out(`${JSON.stringify({ service_account: account }, null, 2)}\n`);
  terminal.out(`service-account/${printable(account.name)} created, whose client id is ${account.client_id}; it signs in by its key\n`);
}

export async function rotateAccount(terminal: Terminal, word: string, options: RotateAccountOptions): Promise<void> {
  const { client } = await openSession(terminal, options);
  const { service_account_id } = await accountNamed(client, word);
  const path = { service_account_id };
  await handOut(terminal, options, {
    mint: async () => secretOf(await answered(client.rotateServiceAccount({ params: { path }, body: { overlap_s: options.overlap } }))),
    id: () => service_account_id,
    // There is no way back to the secret before: another takes the place of one that nobody has.
    revoke: () => answered(client.rotateServiceAccount({ params: { path }, body: { overlap_s: 0 } })),
    told: ({ service_account: { name, previous_secret_until: until } }) =>
      `service-account/${printable(name)} rotated${until === undefined ? '' : `, the secret before is good until ${until}`}`,
  });
}

export type EditAccountOptions = GlobalOptions & { publicKey: string[] };

/** Gives it these public keys in place of those before, or of its secret. */
export async function editAccount(terminal: Terminal, word: string, options: EditAccountOptions): Promise<void> {
  const public_keys = await Promise.all(options.publicKey.map(readPublicKey));
  const { client } = await openSession(terminal, options);
  const { service_account_id } = await accountNamed(client, word);
  const { name } = await answered(client.editServiceAccount({ params: { path: { service_account_id } }, body: { public_keys } }));
  terminal.out(
    `service-account/${printable(name)} signs in by ${public_keys.length === 1 ? 'this key' : `these ${public_keys.length} keys`}, and by nothing else\n`,
  );
}

export async function deleteAccount(terminal: Terminal, word: string, options: GlobalOptions): Promise<void> {
  const { client } = await openSession(terminal, options);
  const { service_account_id, name } = await accountNamed(client, word);
  await answered(client.deleteServiceAccount({ params: { path: { service_account_id } } }));
  terminal.out(`service-account/${printable(name)} deleted\n`);
}

const accountNamed = async (client: Parameters<typeof findOne>[1], word: string): Promise<ServiceAccount> =>
  (await findOne(kindOf('service-account'), client, word)) as unknown as ServiceAccount;

const secretOf = ({ client_secret: secret = '', ...shown }: CreatedServiceAccount) => ({ ...shown, secret });
