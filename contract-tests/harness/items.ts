import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { ConfigEntry, ConfigItem, ConfigManifest, DesiredItem } from '@stoa/generated/schemas.ts';
import { Packed } from './faults.ts';

/** An item as it goes over the wire. */
export type Line = ConfigEntry & { readonly bytes: Buffer };
/** An answer before it is packed: the manifest, then the items that it names. */
export type Difference = { readonly manifest: ConfigManifest; readonly lines: readonly Buffer[]; readonly endsWithinLine?: true };

const sha256 = (content: Buffer | string): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;
export const hashOfNothing = sha256('');

/** Items as they are told one by one: the keys of a consumer are items of their own. */
export function linesOf(items: readonly ConfigItem[]): Line[] {
  return items
    .flatMap((item): DesiredItem[] => {
      if (item.kind !== 'consumer') return [item];
      const { consumer_id, keys } = item;
      return [
        { ...item, keys: [] },
        ...keys.map((key) => ({ ...key, id: `consumer_key:${key.key_id}`, kind: 'consumer_key' as const, consumer_id })),
      ];
    })
    .map((item) => {
      const bytes = Buffer.from(JSON.stringify(item));
      return { id: item.id, kind: item.kind, hash: sha256(bytes), size: bytes.length, bytes };
    })
    .sort((one, other) => (one.id < other.id ? -1 : 1));
}

export const hashOfList = (lines: readonly Line[]): string => sha256(lines.map(({ hash }) => `${hash.slice(7)}\n`).join(''));

/** What leads from `before` to `after`: all of it when `before` is not known. */
export function differenceOf(before: readonly Line[] | undefined, after: readonly Line[]) {
  const held = new Map(before?.map(({ id, hash }) => [id, hash]));
  const changed = after.filter(({ id, hash }) => held.get(id) !== hash);
  const left = new Set(after.map(({ id }) => id));
  return {
    removed: [...held.keys()].filter((id) => !left.has(id)),
    changed: changed.map(({ bytes: _, ...entry }) => entry),
    lines: changed.map(({ bytes }) => bytes),
  };
}

/** Packed as a Control Plane does that shares the items among gateways: the manifest and the items are members of their own (RFC 1952 §2.2). */
export function packed({ manifest, lines, endsWithinLine }: Difference, acceptEncoding = ''): { headers: Record<string, string>; body: Packed } {
  const texts = [JSON.stringify(manifest), ...lines].map((line) => `${line.toString()}\n`);
  const parts = [texts.slice(0, 1), texts.slice(1)].map((part) => Buffer.from(part.join('')));
  if (endsWithinLine) parts.push(Buffer.from(parts.pop()?.subarray(0, -10) ?? ''));
  const isZipped = /\bgzip\b/.test(acceptEncoding);
  const bytes = Buffer.concat(isZipped ? parts.filter(({ length }) => length > 0).map((part) => gzipSync(part)) : parts);
  return {
    headers: { 'content-type': 'application/jsonl', ...(isZipped && { 'content-encoding': 'gzip' }) },
    body: new Packed(texts.join(''), bytes),
  };
}
