import type { Change } from './change.ts';
import type { GateReport } from './gate.ts';

/** The gate's findings as text for a terminal, ending in one sentence that says what to do. */
export function formatReport(report: GateReport): string {
  const { verdict, faults } = report;
  const lines = [
    ...section('Cannot judge', faults),
    ...section(
      'Breaking, and not allowed',
      rows(verdict.refused.map((change) => ({ ...change, message: `${change.message}${change.needsAdr ? ' This needs an ADR.' : ''}` }))),
    ),
    ...section(
      'Breaking, and allowed',
      rows(verdict.allowed.map((change) => ({ ...change, message: `${change.message} (${change.allowance.adr ?? change.allowance.reason})` }))),
    ),
    ...section(
      'Named in openapi/changes.yaml, but allows nothing: no such break, or one that needs an ADR',
      verdict.unused.map(({ change, where }) => `${change}  ${where}: remove this entry, or name the ADR.`),
    ),
    ...section('Additive', rows(verdict.additive)),
  ];
  return [...lines, summary(report)].join('\n');
}

function summary({ verdict, faults, compared, passed }: GateReport): string {
  if (passed)
    return `The contract holds: ${String(compared.length)} documents compared with the last released revision, ${String(verdict.additive.length)} additive changes.`;
  if (verdict.refused.length > 0)
    return 'The contract is broken. Undo the change, or name it in openapi/changes.yaml ({change, where, reason}); where an ADR is needed, write it under docs/adr/ and add adr.';
  return faults.length > 0 ? 'The contract could not be judged.' : 'The contract holds, but openapi/changes.yaml allows what nobody does.';
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`), ''];

function rows(changes: readonly Change[]): string[] {
  const codeWidth = Math.max(0, ...changes.map((change) => change.code.length));
  const placeWidth = Math.min(90, Math.max(0, ...changes.map((change) => change.where.length)));
  return changes.map((change) => `${change.code.padEnd(codeWidth)}  ${change.where.padEnd(placeWidth)}  ${change.message}`);
}
