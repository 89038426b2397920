import { createHash } from 'node:crypto';
import type { Catalog, Touched } from './catalog.ts';
import { ClassState } from './class-state.ts';
import type { StateContent } from './class-state.ts';
import { Differences } from './differences.ts';
import { keyOfClass } from './selectors.ts';
import type { GatewayClass, Recipient } from './selectors.ts';

/** A state in the form of `GatewayConfig`: the pieces of `items`, and their hash. */
export type Whole = { readonly hash: string; readonly pieces: readonly Buffer[] };

const maxKeys = 10_000;

/** The desired states of one tenant, at one revision of its catalog. */
export class TenantStates {
  readonly catalog: Catalog;
  readonly differences: Differences;
  readonly states = new Map<string, ClassState>();
  readonly #keys = new Map<string, string>();
  readonly #wholes = new WeakMap<StateContent, Whole>();
  prunedAt = performance.now();

  constructor(catalog: Catalog, differences = new Differences()) {
    this.catalog = catalog;
    this.differences = differences;
  }

  stateFor = (recipient: Recipient): ClassState => this.stateOf(this.catalog.selectors.classOf(recipient));

  /** Made when a gateway of the class is first met. */
  stateOf(gatewayClass: GatewayClass): ClassState {
    const key = this.#keyOf(gatewayClass);
    const known = this.states.get(key);
    if (known) return known;
    const state = new ClassState(gatewayClass, this.catalog);
    this.states.set(key, state);
    // What a gateway got from another server, or from this one before it was restarted, is most likely what it should have now.
    this.differences.remember(state.content);
    return state;
  }

  /** Takes in a change. Answers the states that are others by it. */
  update(touched: Touched): ClassState[] {
    const changed = [...this.states.values()].filter((state) => state.update(this.catalog, touched));
    // Another server may give it out, and the one after it be asked for here.
    for (const { content } of changed) this.differences.remember(content);
    return changed;
  }

  /** The key is a digest, and every question of every gateway leads here. */
  #keyOf(gatewayClass: GatewayClass): string {
    const text = JSON.stringify(gatewayClass);
    const known = this.#keys.get(text);
    if (known !== undefined) return known;
    if (this.#keys.size >= maxKeys) this.#keys.clear();
    const key = keyOfClass(gatewayClass);
    this.#keys.set(text, key);
    return key;
  }

  /** Made once for each content, for a runtime that asks in the old way. */
  wholeOf(state: ClassState): Whole {
    const known = this.#wholes.get(state.content);
    if (known) return known;
    const items = state.wholeItems(this.catalog);
    const pieces = [open, ...items.flatMap(({ bytes }, position) => (position === 0 ? [bytes] : [comma, bytes])), close];
    const hash = createHash('sha256');
    for (const piece of pieces) hash.update(piece);
    const whole = { hash: `sha256:${hash.digest('hex')}`, pieces };
    this.#wholes.set(state.content, whole);
    return whole;
  }
}

const [open, comma, close] = ['[', ',', ']'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];
