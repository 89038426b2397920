import type { Snapshot } from '../model.ts';
import type { TokenJudge } from './tokens/token-judge.ts';

type Engine = { readonly snapshot: Snapshot; readonly tokens: Pick<TokenJudge, 'judge' | 'needsJudging' | 'isUndecided'> };

/** What lasts, such as a stream, and by which bearer credential it was begun, if by any. */
export type Lasting = {
  readonly credential: string | null;
  /** Whether who began it would be let in once more, as far as that is known. */
  isLetIn(): boolean;
  /** The same for whom he was known to be, while the issuer of his token cannot be asked. */
  isLetInAsKnown(): boolean;
};

/** Something that lasts, and how it is ended. */
export type Endable = Lasting & { end(): void };

/** However often the configuration changes meanwhile. */
const maxJudgements = 3;
/** Questions to issuers about what lasts, at once: the others are for who calls. */
const settledAtOnce = 8;

/** What of one door lasts, held against the right to begin it: when the configuration changes, and from time to time, for keys and tokens expire without a change. */
export class LastingRights {
  readonly #engine: Engine;
  /** Of which it is to be found out whether they may go on, until it is. */
  readonly #lapsed = new Map<Endable, PromiseWithResolvers<void>>();
  readonly #waiting: Endable[] = [];
  #settling = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Ends those that may not go on. Where an issuer has to be asked for that, it is asked first, about a few at a time. */
  endRefused(all: Iterable<Endable>): void {
    for (const each of all) {
      const mayGo = mayGoOn(this.#engine, each);
      if (mayGo === false) each.end();
      if (mayGo !== undefined || this.#lapsed.has(each)) continue;
      this.#lapsed.set(each, Promise.withResolvers());
      this.#waiting.push(each);
    }
    while (this.#waiting.length > 0 && this.#settling < settledAtOnce) void this.#settleLapsed();
  }

  /** The same for one, and resolves once it has ended or goes on. Never rejects. */
  async endIfRefused(one: Endable): Promise<void> {
    this.endRefused([one]);
    await this.#lapsed.get(one)?.promise;
  }

  async #settleLapsed(): Promise<void> {
    this.#settling += 1;
    for (let each = this.#waiting.shift(); each !== undefined; each = this.#waiting.shift()) {
      if (!(await settle(this.#engine, each))) each.end();
      this.#lapsed.get(each)?.resolve();
      this.#lapsed.delete(each);
    }
    this.#settling -= 1;
  }
}

/**
 * Whether what lasts may go on; undefined where its token has to be judged anew first: a verdict holds for a while only, and that it has run out says nothing about the
 * token. While the issuer cannot be asked, it goes on.
 */
function mayGoOn({ snapshot, tokens }: Engine, lasting: Lasting): boolean | undefined {
  if (lasting.isLetIn()) return true;
  const { credential } = lasting;
  if (credential === null) return false;
  return tokens.needsJudging(snapshot, credential) ? undefined : tokens.isUndecided(snapshot, credential) && lasting.isLetInAsKnown();
}

/** The same once that can be said. */
async function settle(engine: Engine, lasting: Lasting): Promise<boolean> {
  for (let judgements = 0; judgements < maxJudgements; judgements += 1) {
    const known = mayGoOn(engine, lasting);
    if (known !== undefined) return known;
    await engine.tokens.judge(engine.snapshot, lasting.credential ?? '', () => 'those who are connected');
  }
  return mayGoOn(engine, lasting) ?? lasting.isLetInAsKnown();
}
