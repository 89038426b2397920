import { join } from 'node:path';
import { readConfig, changeConfig } from '@stoa/client-config/client-config.ts';
import { withLock } from '@stoa/client-config/with-lock.ts';
import { movedTo, renewed } from './issuer.ts';
import type { AskIssuer } from './issuer.ts';
import { IssuerError } from './issuer-error.ts';
import { endsSoon, isRenewable } from './kept-token.ts';
import type { KeptToken } from './kept-token.ts';
import type { TokenStore } from './token-store.ts';

/**
 * The access token of a context, renewed before it ends. Processes that find it ending at the same time renew it once: an issuer that rotates refresh tokens ends the
 * whole sign-in when one is used twice.
 */
export class ContextToken {
  readonly #store: TokenStore;
  readonly #context: string;
  readonly #ask: AskIssuer;
  #held: KeptToken | undefined;

  constructor(store: TokenStore, context: string, ask: AskIssuer) {
    this.#store = store;
    this.#context = context;
    this.#ask = ask;
  }

  /** The token to send now; undefined when nobody is signed in. Throws an `IssuerError` when it has ended and cannot be renewed. */
  async current(): Promise<string | undefined> {
    this.#held ??= await this.#read();
    if (this.#held !== undefined && isRenewable(this.#held) && endsSoon(this.#held, Date.now())) await this.#renew(this.#held.access_token);
    return this.#held?.access_token;
  }

  /** Another token in place of one that the server refused before its time; undefined when there is none. */
  async afterRefusal(refused: string): Promise<string | undefined> {
    if (this.#held === undefined || !isRenewable(this.#held)) return undefined;
    if (this.#held.access_token === refused) await this.#renew(refused);
    return this.#held.access_token === refused ? undefined : this.#held.access_token;
  }

  /** Takes a sign-in of a person to another tenant, and keeps what comes of it. Answers false where nobody is signed in by an issuer. Throws an `IssuerError`. */
  moveTo(tenant: string): Promise<boolean> {
    return this.exclusively(async (read) => {
      const kept = await read();
      if (kept === undefined || !isRenewable(kept) || kept.refresh_token === undefined) return false;
      const fresh = endsSoon(kept, Date.now()) ? await renewed(kept, this.#ask) : kept;
      // Kept before the exchange: of what was renewed the one before is worth nothing any more.
      if (fresh !== kept) await keepToken(this.#store, this.#context, fresh);
      this.#held = await movedTo(tenant, { ...kept, ...fresh }, this.#ask);
      await keepToken(this.#store, this.#context, this.#held);
      return true;
    });
  }

  /** Runs `work` while nobody renews the token; it may read what is kept. */
  exclusively<T>(work: (read: () => Promise<KeptToken | undefined>) => Promise<T>): Promise<T> {
    return withLock(join(`${this.#store.configPath}.locks`, this.#context), () => work(() => this.#read()));
  }

  async #renew(from: string): Promise<void> {
    await this.exclusively(async (read) => {
      const kept = await read();
      // Another process was faster, or somebody signed out.
      if (kept === undefined || kept.access_token !== from || !isRenewable(kept)) {
        this.#held = kept;
        return;
      }
      try {
        this.#held = await renewed(kept, this.#ask);
      } catch (error) {
        const isGoodStill = kept.expires_at !== undefined && Date.parse(kept.expires_at) > Date.now();
        if (error instanceof IssuerError && error.kind === 'unreachable' && isGoodStill) return;
        throw error;
      }
      await keepToken(this.#store, this.#context, this.#held);
    });
  }

  async #read(): Promise<KeptToken | undefined> {
    const place = (await readConfig(this.#store.configPath)).contexts[this.#context]?.token;
    return place === undefined ? undefined : this.#store.read(this.#context, place);
  }
}

/** Keeps a token, and in the file of contexts the word for where. Answers it. */
export async function keepToken(store: TokenStore, context: string, token: KeptToken) {
  const place = await store.keep(context, token);
  const before = (await readConfig(store.configPath)).contexts[context];
  if (before?.token !== place)
    await changeConfig(store.configPath, (config) => {
      const there = config.contexts[context];
      return there === undefined ? config : { ...config, contexts: { ...config.contexts, [context]: { ...there, token: place } } };
    });
  return place;
}
