import { statSync } from 'node:fs';
import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import type { Api } from '@stoa/generated/schemas.ts';
import { answered } from '../answered.ts';
import { fetchDocument, isUrl, readDocument } from '../documents.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { findOne } from '../find.ts';
import { kindOf } from '../kinds.ts';
import { lintTools } from '../lint/lint-tools.ts';
import type { LintFinding, LintReport } from '../lint/lint-tools.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import { printable, progress, readInput } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export type LintOptions = GlobalOptions & { budget?: string; strict?: boolean; output: string };

/** What a document is called that is only looked at: a name that nobody gives an API. */
const rehearsedName = 'lint-only';

/** Says what a model would stumble over in the tools of an API, or in those that a document would give. Throws a `CommandError` where one of them is no good. */
export async function lintApi(terminal: Terminal, word: string, options: LintOptions): Promise<void> {
  const budget = budgetOf(options.budget);
  const { client } = await openSession(terminal, options);
  const { name, operations = [], warnings = [] } = await apiOf(terminal, client, word);
  const { tokensIn } = await import('../lint/count-tokens.ts');
  const report = lintTools({ api: name, operations, warnings }, tokensIn, budget);
  terminal.out(options.output === 'json' ? `${JSON.stringify(report, null, 2)}\n` : textOf(report));
  const bad = report.findings.filter(({ level }) => level === 'error' || options.strict === true).length;
  if (bad > 0) throw new CommandError('failed', `${bad} ${bad === 1 ? 'finding has' : 'findings have'} to be mended.`);
}

function budgetOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CommandError('usage', `--budget is a number of tokens: "${text}" is none.`);
}

/** A file, a URL or stdin is compiled by the server and kept by nobody; anything else is the name of an API. */
async function apiOf(terminal: Terminal, client: ControlPlaneClient, word: string): Promise<Api> {
  if (word !== '-' && !isUrl(word) && statSync(word, { throwIfNoEntry: false })?.isFile() !== true) {
    const api_id = String((await findOne(kindOf('api'), client, word))['api_id']);
    return answered(client.getApi({ params: { path: { api_id } } }));
  }
  progress(terminal, `Reading ${word === '-' ? 'stdin' : printable(word)} …`);
  const document = word === '-' ? await readInput(terminal) : isUrl(word) ? await fetchDocument(word) : await readDocument(word);
  if (document.trim() === '') throw new CommandError('failed', 'The document is empty.');
  const rehearse = (body: object) => answered(client.createApi({ params: { query: { dry_run: true } }, body: { document, ...body } }));
  try {
    return await rehearse({});
  } catch (error) {
    // There is one of this name, which says nothing against the document.
    if (!(error instanceof CommandError) || error.exitCode !== exitCodes.conflict) throw error;
    return rehearse({ name: rehearsedName });
  }
}

function textOf({ tools, tokens, findings }: LintReport): string {
  const head = `${tools} ${tools === 1 ? 'tool' : 'tools'}, ${tokens} tokens: ${countOf(findings, 'error')}, ${countOf(findings, 'warning')}\n`;
  const lines = findings.map(
    ({ level, rule, tool, message }) => `${level} ${rule}${tool === undefined ? '' : ` ${printable(tool)}`}: ${printable(message)}\n`,
  );
  return `${head}${lines.join('')}`;
}

function countOf(findings: readonly LintFinding[], level: LintFinding['level']): string {
  const count = findings.filter((finding) => finding.level === level).length;
  return `${count} ${level}${count === 1 ? '' : 's'}`;
}
