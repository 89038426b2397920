import { atOnce } from '@stoa/lib/slices.ts';
import { ToolIndex } from '@stoa/mcp/doors/mcp/search/tool-index.ts';
import { interleave } from '../measure/interleave.ts';
import { installPeers, named } from '../peers/install.ts';
import { minisearchOver } from '../peers/minisearch.ts';
import { bounded, roundsOf } from '../report/result.ts';
import type { Row } from '../report/result.ts';
import { toolCorpus, toolQuestions } from '../subjects/tool-corpus.ts';
import type { Question } from '../subjects/tool-corpus.ts';
import type { Bench } from '../system/bench.ts';

const shown = 5;

type Search = (question: string, count: number) => string[];

/** What it takes to find one tool among ten thousand, and whether it is found, against the search library that one would take. */
export async function federation({ options }: Bench): Promise<Row[]> {
  await installPeers();
  const tools = await toolCorpus(options.quick);
  const questions = await toolQuestions();
  const index = atOnce(ToolIndex.of(tools));
  const ours: Search = (question, count) => index.find(question, count, () => true).map(({ name }) => name);
  const library = await minisearchOver(tools);
  console.log(`  ${tools.length} tools, ${questions.length} questions`);
  for (const [api, share] of foundByApi(questions, ours)) console.log(`  ${api.padEnd(14)} ${share} of 20`);
  const values = await interleave(options.rounds, { ours: async () => costOf(questions, ours), library: async () => costOf(questions, library) });
  const peer = named('minisearch');
  const note = `${tools.length} tools of ${options.quick ? 10 : 24} documents`;
  return [
    bounded(
      { metric: 'a search for a tool: processor time', unit: 'ms', note },
      roundsOf(values.ours),
      { atMost: 2 },
      { peer, rounds: roundsOf(values.library) },
    ),
    bounded(
      { metric: `the tool that is meant is among the first ${shown}, of ${questions.length} questions`, unit: '%', note },
      roundsOf([foundIn(questions, ours)]),
      { atLeast: 75 },
      { peer, rounds: roundsOf([foundIn(questions, library)]) },
    ),
  ];
}

/** Milliseconds of processor time for one question. */
function costOf(questions: readonly Question[], search: Search): number {
  const since = process.cpuUsage();
  for (const { text } of questions) search(text, shown);
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000 / questions.length;
}

const isFound = ({ text, tool }: Question, search: Search): boolean => search(text, shown).includes(tool);
const foundIn = (questions: readonly Question[], search: Search): number =>
  (questions.filter((question) => isFound(question, search)).length / questions.length) * 100;

function foundByApi(questions: readonly Question[], search: Search): Map<string, number> {
  const found = new Map<string, number>();
  for (const question of questions) found.set(question.api, (found.get(question.api) ?? 0) + Number(isFound(question, search)));
  return found;
}
