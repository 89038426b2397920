import { decrypt, encrypt } from './gcm.ts';

/** The database reads the mark and the id of the key too, by its function `sealed_by`. */
const mark = Buffer.from('stoa-v2:');
const idBytes = 16;
const headBytes = mark.length + idBytes;

export type DataKey = { readonly id: string; readonly key: Buffer };

/** A mark, the id of the key, and what it made of the value. `place` says which column of which row of whom: elsewhere it does not open. */
export function sealWith({ id, key }: DataKey, plain: string, place: string): Buffer {
  return Buffer.concat([mark, Buffer.from(id.replaceAll('-', ''), 'hex'), encrypt(key, Buffer.from(plain), place)]);
}

/** The id of the key that a value was sealed with; undefined for what releases before data keys sealed. */
export function keyIdOf(sealed: Uint8Array): string | undefined {
  const head = Buffer.from(sealed.subarray(0, headBytes));
  if (head.length < headBytes || !head.subarray(0, mark.length).equals(mark)) return undefined;
  return head.toString('hex', mark.length).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export function openWith({ key }: DataKey, sealed: Uint8Array, place: string): string {
  return decrypt(key, sealed.subarray(headBytes), place).toString();
}
