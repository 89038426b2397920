import { createHash } from 'node:crypto';
import type { AckState, ConsumerItem, ConsumerKeyItem, GatewayConfig, ItemAck } from '@stoa/generated/schemas.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { byId } from './held-item.ts';
import type { Held } from './held-item.ts';
import { faultOf, fieldsOf } from './read-items.ts';

/** What is kept of a desired state that came as one whole document, in which the keys of a consumer stand in its item. */
export type WholeForm = {
  /** As it was signed: what is kept on disk. */
  readonly signed: GatewayConfig;
  /** The items of the document by the names that an acknowledgement gives them, in the order of the document. */
  readonly named: readonly string[];
  /** The consumer's item, of each key's item. */
  readonly consumerOf: ReadonlyMap<string, string>;
};

/**
 * The items of a whole document, with the keys as items of their own. An item whose content is that of one in `before` is that one.
 * `hash` is that of the canonical JSON of all items, undefined when they cannot be written so: nested deeper than the stack, as no server does.
 */
export function holdWhole(
  items: readonly unknown[],
  before: readonly Held[],
): { held: Held[]; named: string[]; consumerOf: Map<string, string>; hash: string | undefined } {
  const known = new Map(before.map((item) => [item.id, item]));
  const held = new Map<string, Held>();
  const named: string[] = [];
  const consumerOf = new Map<string, string>();
  const hash = createHash('sha256');
  try {
    hash.update('[');
    items.forEach((item, index) => {
      const text = canonicalJson(item);
      hash.update(index === 0 ? text : `,${text}`);
      const { id } = fieldsOf(item);
      const isName = typeof id === 'string' && id.length > 0 && id.length <= 128;
      const name = isName && !held.has(id) ? id : `items/${index}`;
      const fault = isName && held.has(id) ? 'Another item has the same id.' : faultOf(item);
      named.push(name);
      const whole = { id: name, value: item, text, fault };
      for (const part of fault === undefined && fieldsOf(item)['kind'] === 'consumer' ? split(item as ConsumerItem) : [whole]) {
        if (part !== whole && part.id !== name) consumerOf.set(part.id, name);
        held.set(part.id, hold(part, known.get(part.id)));
      }
    });
    hash.update(']');
  } catch {
    return { held: [], named, consumerOf, hash: undefined };
  }
  return { held: [...held.values()].sort(byId), named, consumerOf, hash: `sha256:${hash.digest('hex')}` };
}

type Part = { id: string; value: unknown; text: string; fault: string | undefined };

function split(item: ConsumerItem): Part[] {
  const { id, keys, consumer_id } = item;
  const parts = [
    { ...item, keys: [] },
    ...keys.map((key): ConsumerKeyItem => ({ id: `consumer_key:${key.key_id}`, kind: 'consumer_key', consumer_id, ...key })),
  ];
  return parts.map((value) => ({ id: value === parts[0] ? id : value.id, value, text: canonicalJson(value), fault: undefined }));
}

function hold({ id, value, text, fault }: Part, known: Held | undefined): Held {
  const hash = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  if (known?.hash === hash && known.fault === fault) return known;
  const { kind } = fieldsOf(value);
  return { id, kind: typeof kind === 'string' ? kind : '', hash, size: Buffer.byteLength(text), value, fault };
}

/** One entry for each item of the document, in its order, from what is said of the items that it was taken apart to. */
export function wholeAck({ named, consumerOf }: WholeForm, state: AckState, items: readonly ItemAck[]): ItemAck[] {
  const said = new Map(items.map((item) => [item.id, item]));
  for (const item of items) {
    const id = consumerOf.get(item.id);
    // One key that is refused is a warning on its consumer, whose other keys are good.
    if (id !== undefined && !said.has(id)) said.set(id, { ...item, id, state: 'applied_with_warnings' });
  }
  const { phase, reason } = items.find((item) => item.state === 'rejected') ?? {};
  // Nothing of a generation that was rejected took effect.
  const unsaid = state === 'rejected' ? { state, ...(phase && { phase }), ...(reason !== undefined && { reason }) } : { state: 'applied' as const };
  return named.map((id) => said.get(id) ?? { id, ...unsaid });
}
