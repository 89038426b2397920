import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { Change } from './change.ts';
import { isObject } from './document.ts';

/** One break that is meant. */
export interface AllowedChange {
  readonly change: string;
  readonly where: string;
  /** The ADR that allows it. Without one it allows no break of what runtimes and other people's clients rely on. */
  readonly adr?: string;
  readonly reason: string;
}

/** A change, and whether a document has it that breaks by an ADR only. */
export type FoundChange = Change & { readonly needsAdr: boolean };

const required = ['change', 'where', 'reason'] as const;
const keys: readonly string[] = [...required, 'adr'];
const adrPath = /^docs\/adr\/\d{3}-[a-z0-9-]+\.md$/;

export class AllowedChangesError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`openapi/changes.yaml is not usable:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'AllowedChangesError';
    this.faults = faults;
  }
}

/**
 * Reads `openapi/changes.yaml`: a list of `{change, where, reason, adr?}`, each ADR a file below the repository's root.
 * An empty file allows nothing. Throws {@link AllowedChangesError} with every fault at once.
 */
export function parseAllowedChanges(text: string, repositoryRoot: string): AllowedChange[] {
  const document = parseDocument(text);
  const syntax = document.errors.map((error) => error.message);
  if (syntax.length > 0) throw new AllowedChangesError(syntax);
  const entries: unknown = document.toJS() ?? [];
  if (!Array.isArray(entries)) throw new AllowedChangesError(['It must be a list of allowed changes; write [] to allow none.']);
  const faults = entries.flatMap((entry, index) => faultsOf(entry, repositoryRoot).map((fault) => `entry ${String(index + 1)}: ${fault}`));
  if (faults.length > 0) throw new AllowedChangesError(faults);
  return entries as AllowedChange[];
}

function faultsOf(entry: unknown, root: string): string[] {
  if (!isObject(entry)) return ['must be an object with change, where, reason and, where it takes one, adr.'];
  const missing = required
    .filter((key) => typeof entry[key] !== 'string' || entry[key] === '')
    .map((key) => `${key} is missing: write it as a text.`);
  const unknown = Object.keys(entry)
    .filter((key) => !keys.includes(key))
    .map((key) => `${key} is not known; only change, where, reason and adr are.`);
  return [...missing, ...unknown, ...(entry['adr'] === undefined ? [] : adrFaults(entry['adr'], root))];
}

function adrFaults(adr: unknown, root: string): string[] {
  if (typeof adr !== 'string' || !adrPath.test(adr)) return [`adr is ${JSON.stringify(adr)}; it must look like docs/adr/058-contract-first.md.`];
  return existsSync(join(root, adr)) ? [] : [`adr names ${adr}, which does not exist: write the ADR first.`];
}

export interface Verdict {
  readonly refused: readonly FoundChange[];
  readonly allowed: readonly (Change & { readonly allowance: AllowedChange })[];
  readonly additive: readonly Change[];
  /** Allowances that allow nothing: left in place, they would let the same break through unseen one day. */
  readonly unused: readonly AllowedChange[];
}

/** Sorts changes into what is allowed and what is not. An allowance matches by its exact code and place. */
export function judge(changes: readonly FoundChange[], allowances: readonly AllowedChange[]): Verdict {
  const allowanceOf = (change: FoundChange): AllowedChange | undefined =>
    allowances.find((entry) => entry.change === change.code && entry.where === change.where && (entry.adr !== undefined || !change.needsAdr));
  const breaks = changes.filter((change) => change.severity === 'breaking');
  return {
    refused: breaks.filter((change) => allowanceOf(change) === undefined),
    allowed: breaks.flatMap((change) => {
      const allowance = allowanceOf(change);
      return allowance === undefined ? [] : [{ ...change, allowance }];
    }),
    additive: changes.filter((change) => change.severity === 'additive'),
    unused: allowances.filter((entry) => !breaks.some((change) => allowanceOf(change) === entry)),
  };
}
