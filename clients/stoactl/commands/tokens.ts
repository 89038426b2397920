import { answered } from '../answered.ts';
import { chooseKey } from '../choose-key.ts';
import { allItems } from '../find.ts';
import { expiryOf, handOut } from '../hand-out.ts';
import type { SecretOptions } from '../hand-out.ts';
import { kindOf } from '../kinds.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import { printable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { get } from './get.ts';
import type { GetOptions } from './get-options.ts';

export type CreateTokenOptions = GlobalOptions & SecretOptions & { scope?: string[] };

export const listTokens = (terminal: Terminal, options: GetOptions): Promise<void> => get(terminal, 'personal-tokens', undefined, options);

export async function createToken(terminal: Terminal, name: string, options: CreateTokenOptions): Promise<void> {
  // Which permissions there are, the server says.
  const body = { name, ...(options.scope && { scopes: options.scope }), ...expiryOf(options) };
  const { client } = await openSession(terminal, options);
  await handOut(terminal, options, {
    mint: () => answered(client.createPersonalToken({ body })),
    id: ({ token }) => token.token_id,
    revoke: ({ token: { token_id } }) => answered(client.revokePersonalToken({ params: { path: { token_id } } })),
    told: ({ token }) => `personal-token/${printable(name)} created, good until ${token.expires_at}`,
  });
}

export async function revokeToken(terminal: Terminal, word: string, options: GlobalOptions): Promise<void> {
  const { client } = await openSession(terminal, options);
  const kind = kindOf('personal-token');
  const items = (await allItems(kind, client)).map((item) => ({ ...item, key_id: item['token_id'] }));
  const { key_id: token_id, name = word } = chooseKey(kind, items, word);
  await answered(client.revokePersonalToken({ params: { path: { token_id } } }));
  terminal.out(`personal-token/${printable(name)} revoked\n`);
}
