import { requirements } from '@stoa/contract-tests/requirements.ts';
import type { Requirement, RequirementId, Subject } from '@stoa/contract-tests/requirements.ts';

/** One request with its answer, as text in which no secret stands. */
export type ToldExchange = { readonly request: string; readonly answer: string };

/** What became of one case. `reason` is there unless it passed; `exchanges` only when it failed, the last ones before it did. */
export type CaseResult = {
  readonly cites: readonly RequirementId[];
  readonly sentence: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly reason?: string;
  readonly durationMs: number;
  readonly exchanges?: readonly ToldExchange[];
};

export type Level = 'adr' | 'full';
export type Report = {
  readonly subject: Subject;
  readonly level: Level;
  readonly kit: string;
  readonly results: readonly CaseResult[];
  /** What could not be looked at of this subject. */
  readonly unseen: readonly string[];
};

const manifest: readonly Requirement[] = requirements;

export function requirementOf(id: RequirementId): Requirement {
  const found = manifest.find((requirement) => requirement.id === id);
  if (found === undefined) throw new Error(`No requirement is called ${id}.`);
  return found;
}

/** How many cases had this outcome. */
export const count = ({ results }: Report, outcome: CaseResult['outcome']): number => results.filter((result) => result.outcome === outcome).length;

/** Requirements that no case could show, because each that cites them was skipped. */
export function unproved({ results }: Report): RequirementId[] {
  const shown = new Set(results.filter(({ outcome }) => outcome !== 'skipped').flatMap(({ cites }) => cites));
  return [...new Set(results.flatMap(({ cites }) => cites))].filter((id) => !shown.has(id)).sort();
}
