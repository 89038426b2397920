import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerEvent, ServerEventBus } from '@modelcontextprotocol/server';
import type { Steps } from '@stoa/lib/slices.ts';

type Listener = (event: ServerEvent) => void;

/** The way from us to the SDK's subscriptions, which tells each only what concerns whoever opened it. */
export class SubscriptionBus implements ServerEventBus {
  readonly #credentials = new Map<Listener, string | undefined>();
  readonly #opening = new AsyncLocalStorage<string>();

  /** Runs what may open a subscription, for the holder of a credential. */
  openedBy<Result>(credential: string, open: () => Result): Result {
    return this.#opening.run(credential, open);
  }

  subscribe(listener: Listener): () => void {
    this.#credentials.set(listener, this.#opening.getStore());
    return () => this.#credentials.delete(listener);
  }

  publish(event: ServerEvent): void {
    for (const listener of [...this.#credentials.keys()]) listener(event);
  }

  /** Tells the callers concerned of a change, a subscription a step; the SDK passes on what each asked for. */
  *changed(event: ServerEvent, concerns: (credential: string) => boolean): Steps<void> {
    for (const [listener, credential] of [...this.#credentials]) {
      if (credential === undefined || concerns(credential)) listener(event);
      yield;
    }
  }
}
