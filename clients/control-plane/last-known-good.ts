import { rename } from 'node:fs/promises';
import { readIfPresent, removeFile, removeLeftovers } from '@stoa/lib/durable-file.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Secret } from '@stoa/lib/secret.ts';
import { differenceOf } from './held-item.ts';
import { keptDocument } from './kept-document.ts';
import { KeptItems } from './kept-items.ts';
import { keptList } from './kept-list.ts';
import type { KeptForm, Owner } from './kept-form.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { VerifiedState } from './verified-state.ts';

type Options = {
  stateDir: string;
  owner: Owner;
  gatewayKey: Secret;
  log: Logger;
  /** Leaves a file that does not prove itself where it is: for who only looks, beside the process that the directory belongs to. */
  readOnly?: boolean;
};

/**
 * The last configuration that was applied and verified, on disk. It holds secrets of upstreams: mode 0600. It is served only when it
 * carries the signature of a key that was pinned at registration, which it cannot say for itself. The instance that it was given to stands
 * beside it: one environment's APIs are never served in another.
 *
 * It is kept in the form in which it came. The other form's file is removed only after, and of two that are there, as when the process ended in
 * between, the newer is taken.
 */
export class LastKnownGood {
  readonly #document: ReturnType<typeof keptDocument>;
  readonly #list: ReturnType<typeof keptList>;
  readonly #items: KeptItems;
  readonly #log: Logger;
  readonly #readOnly: boolean;
  /** What the manifest on disk names, once this process has written it. */
  #named: VerifiedState['held'] | undefined;
  #sweeping: Promise<void> = Promise.resolve();

  constructor({ stateDir, owner: { instance_name, environment, gateway_mode }, gatewayKey, log, readOnly = false }: Options) {
    this.#readOnly = readOnly;
    const owner = { instance_name, environment, gateway_mode };
    this.#items = new KeptItems(stateDir);
    this.#document = keptDocument(stateDir, owner);
    this.#list = keptList({ stateDir, owner, gatewayKey, items: this.#items });
    this.#log = log;
  }

  /**
   * To be called only after a verified apply, never at fetch: a bad document must not replace the good one (lesson 13). Of an old state there is
   * all until there is all of the new one; what is no longer needed is swept later.
   */
  async save(state: VerifiedState): Promise<void> {
    await this.#sweeping;
    const { whole } = state;
    await (whole === undefined ? this.#list.save(state) : this.#document.save(whole));
    this.#sweeping = this.#sweep(state).catch((error: unknown) => {
      this.#log.debug({ err: error }, 'What is no longer needed of a configuration could not be removed from the state directory.');
    });
  }

  /** Resolves when nothing more is done to the disk. */
  async idle(): Promise<void> {
    await this.#sweeping;
  }

  /** Undefined when there is none. A file that does not prove itself is moved aside, kept for who wants to know, and said. Never throws. */
  async load(keys: Pick<SigningKeys, 'trusted'>): Promise<VerifiedState | undefined> {
    const found = [await this.#read(this.#list, keys), await this.#read(this.#document, keys)].filter((state) => state !== undefined);
    const [newest] = found.sort((a, b) => b.generation - a.generation);
    const damaged = newest?.held.filter(({ isMissing }) => isMissing) ?? [];
    if (damaged.length > 0)
      this.#log.error(
        { items: damaged.length, item: damaged[0]?.id },
        'Items of the last good configuration are damaged on disk. They, and the APIs that they guard, are not served until they were fetched again.',
      );
    return newest;
  }

  async #read(form: KeptForm, keys: Pick<SigningKeys, 'trusted'>): Promise<VerifiedState | undefined> {
    try {
      const text = await readIfPresent(form.path);
      if (text === undefined) return undefined;
      const reading = await form.read(text, keys).catch(() => ({ fault: 'the file is not what this program wrote' }));
      if ('state' in reading) return reading.state;
      const moved = this.#readOnly ? 'It was left where it is.' : await moveAside(form.path);
      this.#log.error(`The last good configuration cannot be used: ${reading.fault}. ${moved} Nothing is served until the Control Plane answers.`);
    } catch (error) {
      this.#log.error(
        { err: error },
        `The last good configuration cannot be read from ${form.path}; nothing is served until the Control Plane answers.`,
      );
    }
    return undefined;
  }

  async #sweep({ held, whole }: VerifiedState): Promise<void> {
    const named = whole === undefined ? held : [];
    const before = this.#named;
    this.#named = named;
    await removeFile((whole === undefined ? this.#document : this.#list).path);
    if (before === undefined) {
      for (const { path } of [this.#document, this.#list]) await removeLeftovers(path);
      return this.#items.removeAllBut(named);
    }
    // The other way round: what `before` has that `named` has not. It may have come back under the same hash, when it was fetched again.
    const gone = differenceOf(named, before).changed;
    const still = new Set(differenceOf(before, named).changed.map(({ hash }) => hash));
    await this.#items.remove(gone.map(({ hash }) => hash).filter((hash) => !still.has(hash)));
  }
}

async function moveAside(path: string): Promise<string> {
  const aside = `${path}.damaged`;
  try {
    await rename(path, aside);
    return `It was moved to ${aside}.`;
  } catch (error) {
    return `It could not be moved aside (${(error as Error).message}).`;
  }
}
