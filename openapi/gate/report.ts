import type { Change } from './change.ts';
import type { GateReport } from './gate.ts';

/** The gate's findings as text for a terminal, ending in one sentence that says what to do. */
export function formatReport({ verdict, faults, compared, passed }: GateReport): string {
  const lines = [
    ...section('Cannot judge', faults),
    ...section('Breaking, and not allowed', rows(verdict.refused)),
    ...section('Breaking, and allowed', rows(verdict.allowed.map((change) => ({ ...change, message: `${change.message} (${change.adr})` })))),
    ...section(
      'Allowed in openapi/changes.yaml, but nothing of the kind changed',
      verdict.unused.map(({ change, where }) => `${change}  ${where}: remove this entry.`),
    ),
    ...section('Additive', rows(verdict.additive)),
  ];
  return [...lines, summary(verdict.refused.length, verdict.additive.length, compared.length, passed)].join('\n');
}

function summary(refused: number, additive: number, compared: number, passed: boolean): string {
  if (passed)
    return `The contract holds: ${String(compared)} documents compared with the last released revision, ${String(additive)} additive changes.`;
  return refused === 0
    ? 'The contract could not be judged.'
    : 'The contract is broken. Undo the change, or write an ADR under docs/adr/ and name it in openapi/changes.yaml ({change, where, adr, reason}).';
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`), ''];

function rows(changes: readonly Change[]): string[] {
  const codeWidth = Math.max(0, ...changes.map((change) => change.code.length));
  const placeWidth = Math.min(90, Math.max(0, ...changes.map((change) => change.where.length)));
  return changes.map((change) => `${change.code.padEnd(codeWidth)}  ${change.where.padEnd(placeWidth)}  ${change.message}`);
}
