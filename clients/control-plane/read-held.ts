import type { ConfigEntry } from '@stoa/generated/schemas.ts';
import type { Breath } from '@stoa/lib/slices.ts';
import type { Held } from './held-item.ts';
import { parseJson } from './parse-json.ts';
import { faultOfLarge, fieldsOf } from './read-items.ts';

/**
 * Reads an item from the bytes that its hash names, which stay with it until they are on disk. Undefined when it names itself otherwise than the
 * entry does: the list is signed by its hashes alone.
 */
export async function readHeld({ id, kind, hash, size }: ConfigEntry, bytes: Buffer, breath: Breath): Promise<Held | undefined> {
  const entry = { id, kind, hash, size };
  let value: unknown;
  try {
    value = await parseJson(bytes, breath);
  } catch {
    return { ...entry, value: undefined, fault: 'It is no JSON.', unsaved: bytes };
  }
  const own = fieldsOf(value);
  if ((own['id'] ?? id) !== id || (own['kind'] ?? kind) !== kind) return undefined;
  const fault = await faultOfLarge(value, size, breath);
  if (breath.isDue()) await breath.take();
  return { ...entry, value, fault, unsaved: bytes };
}
