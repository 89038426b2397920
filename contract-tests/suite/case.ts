import type { RequirementId } from '../requirements.ts';

/**
 * How a suite tells its runner of a case: which requirements it proves, what it shows, and how. The runner decides when and against
 * which subject the case runs; a suite imports no test framework.
 */
export type Check<Subject> = (cites: readonly RequirementId[], sentence: string, run: (subject: Subject) => Promise<void>) => void;

/** A group of cases about one thing. */
export type Suite<Subject> = (check: Check<Subject>) => void;

/** What a case needs and this subject does not give, such as a look into its database. The case is then skipped, with this reason; it did not fail. */
export class Unavailable extends Error {}

/** What `ask` answers; undefined where this subject does not give it. */
export async function ifAvailable<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Unavailable) return undefined;
    throw error;
  }
}

/** What a suite registers, without running any of it: how the manifest is checked for gaps. */
export function citedBy<Subject>(suite: Suite<Subject>): Set<RequirementId> {
  const cited = new Set<RequirementId>();
  suite((cites) => {
    for (const id of cites) cited.add(id);
  });
  return cited;
}

export const titleOf = (cites: readonly RequirementId[], sentence: string): string => `${cites.join(' ')}: ${sentence}`;
