import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareWithAdr } from './adr-057.ts';
import { AllowedChangesError, judge, parseAllowedChanges, type FoundChange, type Verdict } from './allowed-changes.ts';
import type { Change } from './change.ts';
import { compareContracts } from './compare-contracts.ts';
import { canonical, isObject, objectAt, type OpenApiDocument } from './document.ts';

const suffix = '.openapi.json';
const registration = `registration${suffix}`;
/** The documents that are released, each with whether a break of it needs an ADR, or only its name in changes.yaml. */
const released: ReadonlyMap<string, 'adr' | 'name'> = new Map([
  [registration, 'adr'],
  [`runtime${suffix}`, 'adr'],
  [`management${suffix}`, 'name'],
]);

export interface GateReport {
  readonly verdict: Verdict;
  /** What kept the gate from judging: a missing document, an unusable changes.yaml. */
  readonly faults: readonly string[];
  readonly compared: readonly string[];
  readonly passed: boolean;
}

/**
 * Compares each released document in `openapi/baseline/` with its namesake in `generated/`, and holds the registration document
 * against ADR-057 itself. Only reads. The places of all documents share one list: a path is in one document only, and a
 * component's name means the same in each, so its change is listed once.
 */
export function runGate(repositoryRoot: string): GateReport {
  const faults: string[] = [];
  const compared = [...released.keys()].map((name) => compareNamesakes(repositoryRoot, name, faults));
  faults.push(...disagreements(compared.flatMap(({ current }) => current ?? [])), ...strangers(repositoryRoot));
  const allowances = readAllowances(repositoryRoot, faults);
  const verdict = judge(together(compared), allowances);
  return {
    verdict,
    faults,
    compared: [...released.keys()],
    passed: faults.length === 0 && verdict.refused.length === 0 && verdict.unused.length === 0,
  };
}

type Compared = { readonly name: string; readonly current: OpenApiDocument | undefined; readonly changes: readonly Change[] };

/** The same change of two documents is one, and needs an ADR when one of them does. */
function together(compared: readonly Compared[]): FoundChange[] {
  const found = new Map<string, FoundChange>();
  for (const { name, changes } of compared) {
    for (const change of changes) {
      const key = JSON.stringify(change);
      found.set(key, { ...change, needsAdr: released.get(name) === 'adr' || found.get(key)?.needsAdr === true });
    }
  }
  return [...found.values()];
}

function compareNamesakes(root: string, name: string, faults: string[]): Compared {
  const shown = `openapi/baseline/${name}`;
  const baseline = readDocument(
    join(root, shown),
    `${shown} is missing: it is the last released revision, copied from generated/ at a release.`,
    faults,
  );
  const current = readDocument(join(root, 'generated', name), `generated/${name} is missing: run npm run generate.`, faults);
  if (baseline === undefined || current === undefined) return { name, current, changes: [] };
  try {
    return { name, current, changes: [...(name === registration ? compareWithAdr(current) : []), ...compareContracts(baseline, current)] };
  } catch (error) {
    faults.push(`${name} cannot be compared: ${error instanceof Error ? error.message : String(error)}`);
    return { name, current, changes: [] };
  }
}

/** A component's name means one thing: code is generated from it once, for all documents. */
function disagreements(documents: readonly OpenApiDocument[]): string[] {
  const texts = new Map<string, string>();
  return documents.flatMap((document) =>
    Object.entries(objectAt(document.components, 'schemas')).flatMap(([name, schema]) => {
      const text = canonical(schema);
      const known = texts.get(name) ?? text;
      texts.set(name, known);
      return known === text ? [] : [`The schema ${name} is one thing in one document and another in the next: give it one definition, or two names.`];
    }),
  );
}

/** A baseline that nothing is compared with would look as if it held something. */
function strangers(root: string): string[] {
  const folder = join(root, 'openapi/baseline');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => !released.has(name))
    .map((name) => `openapi/baseline/${name} is compared with nothing: only ${[...released.keys()].join(', ')} are.`);
}

function readDocument(path: string, ifMissing: string, faults: string[]): OpenApiDocument | undefined {
  if (!existsSync(path)) {
    faults.push(ifMissing);
    return undefined;
  }
  try {
    const document: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (isObject(document) && typeof document['openapi'] === 'string') return document as OpenApiDocument;
    faults.push(`${path} is not an OpenAPI document.`);
  } catch (error) {
    faults.push(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
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
