import { Unavailable } from '@stoa/contract-tests/suite/case.ts';
import { runtimeSuites } from '@stoa/contract-tests/suite/runtime/index.ts';
import { twoCalls } from '@stoa/contract-tests/suite/runtime/two-calls.ts';
import { CaseFailed, runtimeKinds } from '@stoa/contract-tests/subjects/runtime.ts';
import type { Launch, RuntimeKind } from '@stoa/contract-tests/subjects/runtime.ts';
import { masked } from './mask.ts';
import type { CaseResult, Level, ToldExchange } from './results.ts';
import { casesOf, runCases } from './run-cases.ts';
import type { Case, RunOptions } from './run-cases.ts';

export type AgentSubject = {
  readonly name: RuntimeKind['name'];
  /** How it is started; absent when it runs already and calls by itself. */
  readonly launch?: Launch;
  readonly host: string;
  /** The port of the first case, and those after it of the others; 0 for any. */
  readonly port: number;
};

/** What one process that nobody starts or stops can be asked for, one after the other. The last leaves it at rest. */
const attachable = ['it registers with the five fields', 'it registers again when forgotten or fenced'];

/** Runs all that binds this runtime against a subject that the kit starts, or that runs already. */
export async function conformAgent(
  agent: AgentSubject,
  level: Level,
  options: Partial<RunOptions> = {},
): Promise<{ results: CaseResult[]; unseen: string[] }> {
  const kind = runtimeKinds[agent.name];
  const cases = casesOf(level === 'adr' ? [twoCalls] : Object.values(runtimeSuites(kind)));
  const unseen = new Set<string>();
  const launch: Launch = agent.launch ?? (() => Promise.resolve(attached));
  const subject = (told: Case<RuntimeKind>): RuntimeKind => ({
    ...kind,
    foreign: {
      launch,
      isAttached: agent.launch === undefined,
      listen: () => ({ host: agent.host, port: agent.port === 0 || agent.launch === undefined ? agent.port : agent.port + cases.indexOf(told) }),
      unseen: (what) => unseen.add(what),
    },
  });
  const chosen = cases.map((told) => (agent.launch !== undefined || isAttachable(told) ? told : { ...told, run: needsStart }));
  const results = await runCases(
    chosen,
    { subject, exchangesOf: (_subject, error) => (error instanceof CaseFailed ? told(error) : []), mask: (text) => masked(text) },
    { atOnce: agent.launch === undefined ? 1 : cases.length, ...options },
  );
  return { results, unseen: [...unseen].sort() };
}

const isAttachable = ({ sentence }: Case<RuntimeKind>): boolean => attachable.some((begin) => sentence.startsWith(begin));
const needsStart = async (): Promise<void> => {
  throw new Unavailable('It needs a subject that the kit may start and stop: give --start.');
};

/** A subject that runs already: the kit hears of it only by its calls. */
const attached = {
  url: undefined,
  pid: 0,
  log: [],
  isRunning: () => true,
  stop: () => Promise.reject(new Unavailable('It needs a subject that the kit may stop: give --start.')),
  kill: () => Promise.resolve(),
};

function told({ exchanges }: CaseFailed): ToldExchange[] {
  return exchanges.slice(-6).map(({ method, path, query, bearer, body, status, answer }) => ({
    request: masked(
      `${method} ${path}${query.size === 0 ? '' : `?${query}`}\nauthorization: Bearer ${bearer}\n\n${body === undefined ? '' : JSON.stringify(body)}`,
    ),
    answer: masked(`${status === 'cut' ? 'the connection was cut' : status}\n\n${answer}`),
  }));
}
