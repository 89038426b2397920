import type { Snapshot } from '../model.ts';
import type { TokenJudge } from './tokens/token-judge.ts';

type Engine = { readonly snapshot: Snapshot; readonly tokens: TokenJudge };

/** What lasts, such as a stream, and by which bearer credential it was begun, if by any. */
export type Lasting = {
  readonly credential: string | null;
  /** Whether who began it would be let in once more, as far as that is known. */
  readonly isLetIn: () => boolean;
};

/** However often the configuration changes meanwhile. */
const maxJudgements = 3;

/**
 * Whether what lasts may go on; undefined where its token has to be judged anew first: a verdict holds for a while only, and that it has run out says nothing about the
 * token. While the issuer cannot be asked, it goes on.
 */
export function mayGoOn({ snapshot, tokens }: Engine, { credential, isLetIn }: Lasting): boolean | undefined {
  if (isLetIn()) return true;
  if (credential === null) return false;
  return tokens.needsJudging(snapshot, credential) ? undefined : tokens.isUndecided(snapshot, credential);
}

/** The same once that can be said. */
export async function settleWhetherMayGoOn(engine: Engine, lasting: Lasting): Promise<boolean> {
  for (let judgements = 0; judgements < maxJudgements; judgements += 1) {
    const known = mayGoOn(engine, lasting);
    if (known !== undefined) return known;
    await engine.tokens.judge(engine.snapshot, lasting.credential ?? '', () => 'those who are connected');
  }
  return mayGoOn(engine, lasting) ?? true;
}
