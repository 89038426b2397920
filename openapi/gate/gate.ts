import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { compareWithAdr } from './adr-057.ts';
import { AllowedChangesError, judge, parseAllowedChanges, type Verdict } from './allowed-changes.ts';
import type { Change } from './change.ts';
import { compareContracts } from './compare-contracts.ts';
import { isObject, type OpenApiDocument } from './document.ts';

const suffix = '.openapi.json';
const stableDocument = `registration${suffix}`;

export interface GateReport {
  readonly verdict: Verdict;
  /** What kept the gate from judging: a missing document, an unusable changes.yaml. */
  readonly faults: readonly string[];
  readonly compared: readonly string[];
  readonly passed: boolean;
}

/**
 * Compares every `openapi/baseline/*.openapi.json` with its namesake in `generated/`, and holds the registration document
 * against ADR-057 itself. Only reads. The places of all documents share one list: a path is in one document only, and a
 * component's name means the same in each, so its change is listed once.
 */
export function runGate(repositoryRoot: string): GateReport {
  const baselineFolder = join(repositoryRoot, 'openapi/baseline');
  const generatedFolder = join(repositoryRoot, 'generated');
  const names = existsSync(baselineFolder)
    ? readdirSync(baselineFolder)
        .filter((name) => name.endsWith(suffix))
        .sort()
    : [];
  const faults: string[] = [];
  if (!names.includes(stableDocument))
    faults.push(
      `openapi/baseline/${stableDocument} is missing: it is the last released revision of the protocol, copied from generated/ at a release.`,
    );
  const changes = names.flatMap((name) => compareFiles(join(baselineFolder, name), join(generatedFolder, name), faults));
  const allowances = readAllowances(repositoryRoot, faults);
  const verdict = judge(unique(changes), allowances);
  return { verdict, faults, compared: names, passed: faults.length === 0 && verdict.refused.length === 0 && verdict.unused.length === 0 };
}

const unique = (changes: readonly Change[]): Change[] => [...new Map(changes.map((change) => [JSON.stringify(change), change])).values()];

function compareFiles(baselinePath: string, currentPath: string, faults: string[]): Change[] {
  const name = basename(baselinePath);
  const baseline = readDocument(baselinePath, `openapi/baseline/${name}`, faults);
  const current = readDocument(currentPath, `generated/${name}`, faults);
  if (baseline === undefined || current === undefined) return [];
  try {
    return [...(name === stableDocument ? compareWithAdr(current) : []), ...compareContracts(baseline, current)];
  } catch (error) {
    faults.push(`${name} cannot be compared: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

function readDocument(path: string, shownPath: string, faults: string[]): OpenApiDocument | undefined {
  if (!existsSync(path)) {
    faults.push(`${shownPath} is missing: run npm run generate; a document that was released may not disappear.`);
    return undefined;
  }
  try {
    const document: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (isObject(document) && typeof document['openapi'] === 'string') return document as OpenApiDocument;
    faults.push(`${shownPath} is not an OpenAPI document.`);
  } catch (error) {
    faults.push(`${shownPath} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return undefined;
}

function readAllowances(root: string, faults: string[]): ReturnType<typeof parseAllowedChanges> {
  const path = join(root, 'openapi/changes.yaml');
  try {
    return parseAllowedChanges(existsSync(path) ? readFileSync(path, 'utf8') : '', root);
  } catch (error) {
    if (!(error instanceof AllowedChangesError)) throw error;
    faults.push(...error.faults.map((fault) => `openapi/changes.yaml ${fault}`));
    return [];
  }
}
