import { count, requirementOf, unproved } from '../results.ts';
import type { CaseResult, Report } from '../results.ts';

const indented = (text: string): string => text.replaceAll(/^/gm, '      ');

/** One result for a person: a line when it passed, and all that is known when it failed. */
export function resultAsText({ outcome, cites, sentence, reason, exchanges = [] }: CaseResult): string {
  const line = `${outcome.padEnd(7)} ${cites.join(' ')}: ${sentence}`;
  if (outcome === 'passed') return line;
  if (outcome === 'skipped') return `${line}\n    ${reason ?? ''}`;
  const promises = cites.map((id) => {
    const { sentence: promised, source } = requirementOf(id);
    return `    ${id} ${promised}\n      ${source.file}: "${source.quote}"`;
  });
  const said = exchanges.map(({ request, answer }) => `    It was asked:\n${indented(request)}\n    It was answered:\n${indented(answer)}`);
  return [line, `    ${(reason ?? '').replaceAll('\n', '\n    ')}`, ...promises, ...said].join('\n');
}

export function summaryAsText(report: Report): string {
  const open = unproved(report);
  return [
    `${report.subject} at level ${report.level}: ${count(report, 'passed')} passed, ${count(report, 'failed')} failed, ${count(report, 'skipped')} skipped.`,
    ...(open.length === 0 ? [] : [`Not looked at: ${open.join(', ')}.`]),
    ...report.unseen.map((what) => `Not seen: ${what}.`),
  ].join('\n');
}
