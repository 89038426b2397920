import type { GatewayKeyRequest } from '@stoa/generated/schemas.ts';
import { answered } from '../answered.ts';
import { chooseKey } from '../choose-key.ts';
import { allItems } from '../find.ts';
import { expiryOf, handOut } from '../hand-out.ts';
import type { SecretOptions } from '../hand-out.ts';
import { kindOf } from '../kinds.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions, OpenSession } from '../session.ts';
import { printable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { get } from './get.ts';
import type { GetOptions } from './get-options.ts';

export type CreateKeyOptions = GlobalOptions &
  SecretOptions & { environment?: string[]; mode?: NonNullable<GatewayKeyRequest['modes']>; instance?: string; team?: string };
export type RotateOptions = GlobalOptions & SecretOptions & { overlap: number };

export const listKeys = (terminal: Terminal, options: GetOptions): Promise<void> => get(terminal, 'gateway-keys', undefined, options);

export async function createKey(terminal: Terminal, name: string, options: CreateKeyOptions): Promise<void> {
  const { environment: environments, mode: modes, instance: instance_name, team } = options;
  const body: GatewayKeyRequest = {
    name,
    ...(environments && { environments }),
    ...(modes && { modes }),
    ...(instance_name !== undefined && { instance_name }),
    ...(team !== undefined && { team }),
    ...expiryOf(options),
  };
  const { client } = await openSession(terminal, options);
  await handOut(terminal, options, {
    mint: () => answered(client.createGatewayKey({ body })),
    id: ({ key: { key_id } }) => key_id,
    revoke: ({ key }) => answered(client.revokeGatewayKey({ params: { path: { key_id: key.key_id } } })),
    told: () => `gateway-key/${printable(name)} created`,
  });
}

export async function revokeKey(terminal: Terminal, word: string, options: GlobalOptions): Promise<void> {
  const { client } = await openSession(terminal, options);
  const { key_id, name = word } = await findKey(client, word);
  await answered(client.revokeGatewayKey({ params: { path: { key_id } } }));
  terminal.out(`gateway-key/${printable(name)} revoked\n`);
}

export async function rotateKey(terminal: Terminal, word: string, options: RotateOptions): Promise<void> {
  const body = { overlap_s: options.overlap, ...expiryOf(options) };
  const { client } = await openSession(terminal, options);
  await handOut(terminal, options, {
    mint: async () => answered(client.rotateGatewayKey({ params: { path: { key_id: (await findKey(client, word)).key_id } }, body })),
    id: ({ key: { key_id } }) => key_id,
    revoke: ({ key }) => answered(client.revokeGatewayKey({ params: { path: { key_id: key.key_id } } })),
    told: ({ key, replaced }) => `gateway-key/${printable(key.name)} rotated, the one before is good until ${replaced.expires_at}`,
  });
}

/** Servers search by a part of the name, and neither by ids nor by hints. */
const findKey = async (client: OpenSession['client'], word: string) =>
  chooseKey(kindOf('gateway-key'), await allItems(kindOf('gateway-key'), client), word);
