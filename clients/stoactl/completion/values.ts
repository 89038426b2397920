import type { Command } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import { readConfig } from '@stoa/client-config/client-config.ts';
import { configPath } from '@stoa/client-config/config-path.ts';
import { permissions, roles } from '@stoa/generated/permissions.ts';
import { answered, answeredOf } from '../answered.ts';
import { kindNamed, kindOf, kinds, plainName } from '../kinds.ts';
import type { Kind } from '../kinds.ts';
import { openSession } from '../session.ts';
import type { OpenSession } from '../session.ts';
import type { Terminal } from '../terminal.ts';
import type { AskedWord, Completion, Values } from './candidates.ts';

/** Who presses a key waits no longer for a server, unless `STOA_COMPLETION_TIMEOUT_MS` says so. */
const usualPatienceMs = 1000;
const longestPatienceMs = 60_000;
const mostNames = 500;

type Typed = AskedWord & { readonly terminal: Terminal; readonly typed: string };
type Found = readonly Completion[] | 'files';
type Source = (asked: Typed) => Promise<Found> | Found;

/** What the tree of commands cannot know: kinds, names of things, contexts, roles, environments. */
export function valuesFor(terminal: Terminal, typed: string): Values {
  return async (asked) => (await sourceOf(asked)?.({ ...asked, terminal, typed })) ?? [];
}

function sourceOf({ name, option, command, operands }: AskedWord): Source | undefined {
  if (option !== undefined) return ofOptions[option] ?? (inFiles.has(name) ? () => 'files' : undefined);
  if (name !== 'name') {
    const kind = kindNamed(name);
    return ofArguments[name] ?? (kind && ((asked) => namesOf(asked, kind)));
  }
  const parents = parentsOf(command);
  if (parents.includes('context')) return ({ terminal }) => contexts(terminal);
  const kind = [...operands.slice(0, 1), ...parents].map(kindNamed).find((found) => found !== undefined);
  return kind && ((asked) => namesOf(asked, kind));
}

/** From the first word of the command line on. */
const parentsOf = ({ parent }: Command): string[] => (parent === null ? [] : [...parentsOf(parent), parent.name()]);

/** What stands in the brackets of an option that takes a file. */
const inFiles: ReadonlySet<string> = new Set(['file', 'folder', 'place']);
const environments: Source = (asked) =>
  fromServer(asked, async ({ client }) => (await answeredOf(client.listEnvironments())).items.map(({ environment }) => ({ value: environment })));
const roleNames: Source = () => Object.entries(roles).map(([value, { description }]) => ({ value, meaning: description }));

const ofOptions: Readonly<Record<string, Source>> = {
  '--context': ({ terminal }) => contexts(terminal),
  '--environment': environments,
  '--to': environments,
  '--role': roleNames,
  '--team': (asked) => namesOf(asked, kindOf('team')),
  '--scope': () => Object.entries(permissions).map(([value, meaning]) => ({ value, meaning })),
};

const ofArguments: Readonly<Record<string, Source>> = {
  kind: (asked) => (asked.typed.includes('/') ? oneWord(asked) : kindNames()),
  kinds: () => kindNames(),
  field: async ({ typed }) => (await import('../explain/shapes.ts')).fieldNames(typed).map((value) => ({ value })),
  role: roleNames,
  environment: environments,
  from: ({ terminal }) => contexts(terminal),
  id: (asked) =>
    fromServer(asked, async ({ client }) =>
      (await answeredOf(client.listApprovals({ params: { query: { state: 'pending' } } }))).items.map((each) => ({
        value: each.approval_id,
        meaning: `${each.operation}, asked for by ${each.requested_by}`,
      })),
    ),
};

const kindNames = (): Completion[] => kinds.map(({ plural }) => ({ value: plural }));

/** `api/shop`, as `-o name` prints it. */
async function oneWord(asked: Typed): Promise<readonly Completion[]> {
  const word = asked.typed.slice(0, asked.typed.indexOf('/'));
  const kind = kindNamed(word);
  return kind === undefined ? [] : (await namesOf(asked, kind)).map(({ value }) => ({ value: `${word}/${value}` }));
}

const namesOf = (asked: Typed, kind: Kind): Promise<readonly Completion[]> =>
  fromServer(asked, async ({ client }) =>
    (await answered(kind.list(client, { limit: mostNames }))).items.map((item) => ({ value: kind.nameOf(item), meaning: plainName(kind) })),
  );

async function contexts(terminal: Terminal): Promise<Completion[]> {
  const { contexts: all } = await readConfig(configPath(terminal.env));
  return Object.entries(all).map(([value, { server }]) => ({ value, meaning: server }));
}

/** Nothing where nobody is signed in, where the server is away, or slower than somebody who types. */
async function fromServer({ terminal, context }: Typed, read: (session: OpenSession) => Promise<Completion[]>): Promise<readonly Completion[]> {
  const given = Number(terminal.env['STOA_COMPLETION_TIMEOUT_MS'] ?? '');
  const patienceMs = given > 0 ? Math.min(given, longestPatienceMs) : usualPatienceMs;
  const late = AbortSignal.timeout(patienceMs);
  const bounded = { ...terminal, signal: AbortSignal.any([terminal.signal, late]) };
  const found = openSession(bounded, context === undefined ? {} : { context }).then(read);
  return Promise.race([found, delay(patienceMs, [], { ref: false })]).catch(() => []);
}
