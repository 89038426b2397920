import type { approval } from '@stoa/generated/prisma/client.ts';
import type { KeyMaterial } from '../access/master-key.ts';
import type { SecretPlace } from './rules.ts';

type Members = Readonly<Record<string, unknown>>;
const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What an approval keeps of a body in clear, and the secret in it, which it keeps sealed. */
export function withoutSecret(body: unknown, place: SecretPlace | undefined): { body: unknown; secret?: string } {
  if (place === undefined || !isMembers(body)) return { body };
  const [outer, inner, form] = place;
  const within = body[outer];
  if (!isMembers(within) || within[inner] === undefined) return { body };
  const { [inner]: secret, ...rest } = within;
  if (form === 'json') return { body: { ...body, [outer]: rest }, secret: JSON.stringify(secret) };
  return typeof secret === 'string' ? { body: { ...body, [outer]: rest }, secret } : { body };
}

const placeOf = (id: string): string => `approval:${id}`;

export const sealedSecret = async (keys: KeyMaterial, { id, tenantId }: { id: string; tenantId: string }, secret: string | undefined) =>
  secret === undefined ? null : new Uint8Array(await keys.seal(secret, placeOf(id), tenantId));

export const openedSecret = async (keys: KeyMaterial, { id, tenant_id: tenantId, secret }: Sealed): Promise<string | undefined> =>
  secret === null ? undefined : keys.open(secret, placeOf(id), tenantId);

type Sealed = Pick<approval, 'id' | 'tenant_id' | 'secret'>;

/** The body as it was asked for. */
export async function withSecret(keys: KeyMaterial, row: Sealed, body: unknown, place: SecretPlace | undefined): Promise<unknown> {
  if (place === undefined || !isMembers(body)) return body;
  const opened = await openedSecret(keys, row);
  if (opened === undefined) return body;
  const [outer, inner, form] = place;
  return { ...body, [outer]: { ...(body[outer] as Members), [inner]: form === 'json' ? (JSON.parse(opened) as unknown) : opened } };
}
