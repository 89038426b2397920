import { passing } from './suites.ts';
import type { Check } from './suites.ts';

type Checks = ReadonlyMap<string, Check>;

/** What a revision's checks gave directly and through the product. */
export type Judged = {
  readonly revision: string;
  readonly suite: string;
  readonly fixture: string;
  /** How many checks pass, and how many fail, directly and through each. */
  readonly direct: Count;
  readonly gateway: Count;
  readonly link: Count;
  /** Names of checks that pass directly and not through each of the two, also because they were not run. */
  readonly lost: readonly string[];
};
export type Count = { readonly passed: number; readonly failed: number };

export const countOf = (checks: Checks): Count => ({
  passed: passing(checks).length,
  failed: [...checks.values()].filter(({ status }) => status === 'FAILURE').length,
});

/** What passes directly and not through a gateway, each with what is said of it there. */
export function lostIn(direct: Checks, through: Checks): { readonly name: string; readonly reason: string }[] {
  return passing(direct)
    .filter((name) => through.get(name)?.status !== 'SUCCESS')
    .map((name) => {
      const found = through.get(name);
      return { name, reason: found === undefined ? 'it was not run' : `${found.status}: ${found.reason ?? 'no reason'}` };
    });
}

/** The same for the tools of an API, where there is nothing to compare with. */
export type Rest = Count & { readonly revision: string; readonly suite: string; readonly checks: number };
