import type { ConsumerKey } from '@stoa/generated/schemas.ts';
import { answered } from '../answered.ts';
import { chooseKey } from '../choose-key.ts';
import { allItems, findOne } from '../find.ts';
import { expiryOf, handOut } from '../hand-out.ts';
import type { SecretOptions } from '../hand-out.ts';
import { kindOf } from '../kinds.ts';
import type { Item, Kind } from '../kinds.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions, OpenSession } from '../session.ts';
import type { Terminal } from '../terminal.ts';
import { show } from './get.ts';
import type { GetOptions } from './get-options.ts';
import type { RotateOptions } from './keys.ts';

export type CreateConsumerKeyOptions = GlobalOptions & SecretOptions;
type Consumer = { consumer_id: string; name: string };

/** They have no names, and are known by their ids and first characters. */
function keysOf({ consumer_id, name }: Consumer): Kind {
  const column = (title: string, key: keyof ConsumerKey, wide?: true) => ({ title, value: (item: Item) => item[key], ...(wide && { wide }) });
  return {
    name: 'ConsumerKey',
    plural: 'consumer-keys',
    id: 'key_id',
    hasLabels: false,
    nameOf: ({ key_id }) => `${name}/${String(key_id)}`,
    list: (client, query) => client.listConsumerKeys({ params: { path: { consumer_id }, query } }),
    columns: [
      column('ID', 'key_id'),
      column('HINT', 'hint'),
      column('STATE', 'state'),
      column('EXPIRES', 'expires_at'),
      column('CREATED', 'created_at'),
      column('REVOKED', 'revoked_at', true),
    ],
  };
}

const consumerNamed = async (client: OpenSession['client'], word: string): Promise<Consumer> =>
  (await findOne(kindOf('consumer'), client, word)) as Consumer;

export async function listKeys(terminal: Terminal, word: string, options: GetOptions): Promise<void> {
  const session = await openSession(terminal, options);
  await show(terminal, session, { kind: keysOf(await consumerNamed(session.client, word)), name: undefined }, options);
}

export async function createKey(terminal: Terminal, word: string, options: CreateConsumerKeyOptions): Promise<void> {
  const body = expiryOf(options);
  const { client } = await openSession(terminal, options);
  const { consumer_id, name } = await consumerNamed(client, word);
  await handOut(terminal, options, {
    mint: () => answered(client.createConsumerKey({ params: { path: { consumer_id } }, body })),
    id: ({ key: { key_id } }) => key_id,
    revoke: ({ key }) => answered(client.revokeConsumerKey({ params: { path: { consumer_id, key_id: key.key_id } } })),
    told: ({ key }) => `consumer-key/${name}/${key.key_id} created`,
  });
}

export async function revokeKey(terminal: Terminal, word: string, key: string | undefined, options: GlobalOptions): Promise<void> {
  const { client } = await openSession(terminal, options);
  const path = await keyNamed(client, word, key);
  await answered(client.revokeConsumerKey({ params: { path } }));
  terminal.out(`consumer-key/${path.name}/${path.key_id} revoked\n`);
}

export async function rotateKey(terminal: Terminal, word: string, key: string | undefined, options: RotateOptions): Promise<void> {
  const body = { overlap_s: options.overlap, ...expiryOf(options) };
  const { client } = await openSession(terminal, options);
  const path = await keyNamed(client, word, key);
  await handOut(terminal, options, {
    mint: () => answered(client.rotateConsumerKey({ params: { path }, body })),
    id: ({ key: { key_id } }) => key_id,
    revoke: ({ key: made }) => answered(client.revokeConsumerKey({ params: { path: { ...path, key_id: made.key_id } } })),
    told: ({ key: made, replaced }) =>
      `consumer-key/${path.name}/${made.key_id} takes the place of ${replaced.key_id}, which is good until ${replaced.expires_at}`,
  });
}

async function keyNamed(client: OpenSession['client'], word: string, key: string | undefined): Promise<Consumer & { key_id: string }> {
  const { consumer_id, name } = await consumerNamed(client, word);
  const kind = keysOf({ consumer_id, name });
  return { consumer_id, name, key_id: chooseKey(kind, await allItems(kind, client), key, ` of ${name}`).key_id };
}
