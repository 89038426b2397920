import { createHash } from 'node:crypto';
import type { ConfigEntry, DesiredItem } from '@stoa/generated/schemas.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';

/** An item of desired states: what lists say of it, and its bytes, which are the same for every gateway that is given it. */
export type RenderedItem = {
  readonly entry: ConfigEntry;
  readonly bytes: Buffer;
  /** Whether a runtime of the first release would serve it otherwise than it says. */
  readonly needsCurrentRuntime?: boolean;
};

/** Made once for each content: whoever needs the same content shares the result. */
export function renderItem(item: DesiredItem): RenderedItem {
  const bytes = ownBytes(canonicalJson(item));
  const hash = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { entry: { id: item.id, kind: item.kind, hash, size: bytes.length }, bytes };
}

/**
 * In memory of their own, for what is kept: short texts share a block of 64 KiB (`Buffer.poolSize`) with whatever is made beside them, and what zlib gives is
 * a part of a larger block, which would be held as long as they are.
 */
export function ownBytes(content: string | Buffer): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(content));
  if (typeof content === 'string') bytes.write(content);
  else content.copy(bytes);
  return bytes;
}

const prefix = 'sha256:';

/** The hash of a state: over its items' hashes, a line each, in the order of their ids by UTF-16 code units. */
export function hashOfList(items: readonly RenderedItem[]): string {
  const lines = items.map(({ entry }) => `${entry.hash.slice(prefix.length)}\n`).join('');
  return `${prefix}${createHash('sha256').update(lines).digest('hex')}`;
}

export const hashOfNothing = hashOfList([]);
