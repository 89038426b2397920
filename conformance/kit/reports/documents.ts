import { count, requirementOf, unproved } from '../results.ts';
import type { CaseResult, Report } from '../results.ts';

const withPromises = (result: CaseResult) => ({
  ...result,
  requirements: result.cites.map((id) => {
    const { sentence, source } = requirementOf(id);
    return { id, sentence, source };
  }),
});

export function reportAsJson(report: Report): string {
  const counts = { passed: count(report, 'passed'), failed: count(report, 'failed'), skipped: count(report, 'skipped') };
  const { subject, level, kit, unseen } = report;
  return `${JSON.stringify({ subject, level, kit, ...counts, not_looked_at: unproved(report), not_seen: unseen, results: report.results.map(withPromises) }, null, 2)}\n`;
}

// XML 1.0 has no way to write most control characters.
const plain = (text: string): string => [...text].filter((character) => character >= ' ' || character === '\n' || character === '\t').join('');
const escaped = (text: string): string =>
  plain(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** As JUnit's readers in CI understand it: one suite, a case for each case. */
export function reportAsJunit(report: Report): string {
  const cases = report.results.map((result) => {
    const { cites, sentence, outcome, reason = '', durationMs, exchanges = [] } = result;
    const open = `  <testcase classname="${escaped(`${report.subject}.${cites[0] ?? ''}`)}" name="${escaped(`${cites.join(' ')}: ${sentence}`)}" time="${durationMs / 1000}"`;
    if (outcome === 'passed') return `${open}/>`;
    if (outcome === 'skipped') return `${open}><skipped message="${escaped(reason)}"/></testcase>`;
    const promises = withPromises(result).requirements.map(
      ({ id, sentence: promised, source }) => `${id} ${promised} (${source.file}: "${source.quote}")`,
    );
    const said = exchanges.map(({ request, answer }) => `${request}\n→ ${answer}`);
    return `${open}><failure message="${escaped(reason.split('\n')[0] ?? '')}">${escaped([reason, ...promises, ...said].join('\n'))}</failure></testcase>`;
  });
  const seconds = report.results.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
  const head = `<testsuite name="${escaped(`${report.subject} at level ${report.level}`)}" tests="${report.results.length}" failures="${count(report, 'failed')}" skipped="${count(report, 'skipped')}" time="${seconds}">`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}\n${cases.join('\n')}\n</testsuite>\n`;
}

/** A picture for a README: what was run, and what came of it. */
export function reportAsBadge(report: Report): string {
  const failed = count(report, 'failed');
  const left = `STOA ${report.subject} ${report.level}`;
  const right = failed === 0 ? `${count(report, 'passed')} passed` : `${failed} failed`;
  const [leftWidth, rightWidth] = [left, right].map((text) => 14 + text.length * 6.6) as [number, number];
  const width = Math.round(leftWidth + rightWidth);
  const label = escaped(`${left}: ${right}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${label}"><title>${label}</title>
<rect width="${width}" height="20" rx="3" fill="#444"/><rect x="${Math.round(leftWidth)}" width="${width - Math.round(leftWidth)}" height="20" rx="3" fill="${failed === 0 ? '#1a7f37' : '#b42318'}"/>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle"><text x="${Math.round(leftWidth / 2)}" y="14">${escaped(left)}</text><text x="${Math.round(leftWidth + rightWidth / 2)}" y="14">${escaped(right)}</text></g></svg>
`;
}
