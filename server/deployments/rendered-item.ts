import { createHash } from 'node:crypto';
import type { ConfigEntry, DesiredItem } from '@stoa/generated/schemas.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';

/** An item of desired states: what lists say of it, and its bytes, which are the same for every gateway that is given it. */
export type RenderedItem = { readonly entry: ConfigEntry; readonly bytes: Buffer };

/** Made once for each content: whoever needs the same content shares the result. */
export function renderItem(item: DesiredItem): RenderedItem {
  const bytes = Buffer.from(canonicalJson(item));
  const hash = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { entry: { id: item.id, kind: item.kind, hash, size: bytes.length }, bytes };
}

const prefix = 'sha256:';

/** The hash of a state: over its items' hashes, a line each, in the order of their ids by UTF-16 code units. */
export function hashOfList(items: readonly RenderedItem[]): string {
  const lines = items.map(({ entry }) => `${entry.hash.slice(prefix.length)}\n`).join('');
  return `${prefix}${createHash('sha256').update(lines).digest('hex')}`;
}

export const hashOfNothing = hashOfList([]);
