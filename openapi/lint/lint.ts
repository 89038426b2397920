import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { BaseResolver, createConfig, getLineColLocation, lint, type Config, type NormalizedProblem } from '@redocly/openapi-core';
import { stoaPlugin, stoaRuleIds, type StoaRuleId } from './plugin.ts';

export interface LintProblem {
  readonly severity: 'error' | 'warn';
  readonly rule: string;
  readonly message: string;
  /** Absolute path of the file. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Redocly's recommended rules, tuned: what our documents do on purpose is off, what a reader or a generator needs is on.
 * Warnings fail the check like errors, so there is no severity to tune.
 */
const standardRules = {
  // A probe has no 4xx: it asks for nothing that could be wrong.
  'operation-4xx-response': 'off',
  // One address may fit two paths, such as that of a brake and that of a gateway's drift: their methods tell them apart, and ids are UUIDs.
  'no-ambiguous-paths': 'off',
  'info-license-strict': 'error',
  'operation-operationId': 'error',
  'operation-operationId-unique': 'error',
  'operation-tag-defined': 'error',
  'operation-singular-tag': 'error',
  'no-unused-components': 'error',
  'no-invalid-media-type-examples': 'error',
  'no-invalid-schema-examples': 'error',
  'no-invalid-parameter-examples': 'error',
} as const;

export function standardConfig(): Promise<Config> {
  const ours = Object.fromEntries(stoaRuleIds.map((id) => [`stoa/${id}`, 'error' as const]));
  return createConfig({ extends: ['recommended'], plugins: [stoaPlugin], rules: { ...standardRules, ...ours } });
}

/** A configuration with one of our rules alone, for its tests. */
export const configOf = (rule: StoaRuleId): Promise<Config> => createConfig({ plugins: [stoaPlugin], rules: { [`stoa/${rule}`]: 'error' } });

/** Lints one document and all it refers to. Problems come in the order of files and lines. */
export async function lintDocumentFile(file: string, config: Config, resolver = new BaseResolver()): Promise<LintProblem[]> {
  return (await lint({ ref: file, config, externalRefResolver: resolver })).map(toProblem).sort(byPlace);
}

/** Lints the entry documents in `folder`, and finds files in `paths/` and `schemas/` that no document uses. A problem in a shared file is told once. */
export async function lintContract(folder: string, entryNames: readonly string[]): Promise<LintProblem[]> {
  const config = await standardConfig();
  const resolver = new BaseResolver();
  const problems: LintProblem[] = [];
  for (const name of entryNames) problems.push(...(await lintDocumentFile(join(folder, name), config, resolver)));
  const distinct = new Map([...problems, ...orphans(folder, resolver.getFiles())].map((problem) => [JSON.stringify(problem), problem]));
  return [...distinct.values()].sort(byPlace);
}

function orphans(folder: string, used: ReadonlySet<string>): LintProblem[] {
  const files = ['paths', 'schemas'].flatMap((sub) =>
    readdirSync(join(folder, sub))
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => join(folder, sub, name)),
  );
  return files
    .filter((file) => !used.has(file))
    .map((file) => ({ severity: 'error', rule: 'stoa/file-is-used', message: 'No document refers to this file.', file, line: 1, column: 1 }));
}

function toProblem({ severity, ruleId, message, location, suggest }: NormalizedProblem): LintProblem {
  const [first] = location;
  const hint = suggest.length > 0 ? ` Did you mean ${suggest.join(', ')}?` : '';
  const text = `${message.trim()}${hint}`;
  if (first === undefined) return { severity, rule: ruleId, message: text, file: '', line: 1, column: 1 };
  const { start } = getLineColLocation(first);
  return { severity, rule: ruleId, message: text, file: first.source.absoluteRef, line: start.line, column: start.col };
}

const byPlace = (left: LintProblem, right: LintProblem): number =>
  left.file.localeCompare(right.file) || left.line - right.line || left.column - right.column;

/** One line a problem, in the form editors make a link of. */
export const formatProblem = (problem: LintProblem, root: string): string =>
  `${relative(root, problem.file)}:${String(problem.line)}:${String(problem.column)}  ${problem.rule}  ${problem.message.replaceAll(/\s*\n\s*/g, ' ')}`;
