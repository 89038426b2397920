import type { ApplyOutcome } from '@stoa/control-plane-client/types.ts';
import type { DesiredItem } from '@stoa/generated/schemas.ts';
import type { RuntimeSecrets } from './secrets.ts';
import type { StateToServe } from './snapshot.ts';

/** Swaps in states one after the other, so that none takes the place of a newer one; and the newest once more when a secret that it names is another one. */
export class Swaps {
  readonly #secrets: RuntimeSecrets;
  readonly #swapIn: (state: StateToServe) => Promise<ApplyOutcome>;
  #latest: StateToServe | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(secrets: RuntimeSecrets, swapIn: (state: StateToServe) => Promise<ApplyOutcome>) {
    this.#secrets = secrets;
    this.#swapIn = swapIn;
  }

  apply(state: StateToServe): Promise<ApplyOutcome> {
    return this.#next(async () => {
      const outcome = await this.#swapIn(state);
      this.#latest = state;
      return outcome;
    });
  }

  /** Looks whether secrets have changed. What is told of the APIs stays what it was until the next state. */
  async refresh(): Promise<void> {
    if (!this.#secrets.haveChanged()) return;
    await this.#next(() => this.#secrets.askedAnew(() => this.#again(namesSecrets)));
  }

  /** Swaps the newest state in once more, with some of its items made anew: what they stand for is another thing than before. */
  again(concerns: (item: DesiredItem) => boolean): Promise<void> {
    return this.#next(() => this.#again(concerns));
  }

  async #again(concerns: (item: DesiredItem) => boolean): Promise<void> {
    const latest = this.#latest;
    if (latest === undefined) return;
    const changed = [...latest.items.values()].filter(concerns).map((item) => ({ ...item }));
    await this.#swapIn({ ...latest, changed, removed: [] });
  }

  #next<T>(step: () => Promise<T>): Promise<T> {
    const taken = this.#last.then(step);
    this.#last = taken.catch(() => undefined);
    return taken;
  }
}

function namesSecrets(item: DesiredItem): boolean {
  if (item.kind !== 'api' && item.kind !== 'mcp_server') return false;
  const { credentials = [] } = (item.kind === 'api' ? item.upstream : item.http) ?? {};
  return credentials.some((credential) => Object.values(credential).some((value) => typeof value === 'object'));
}
