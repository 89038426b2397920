import { answered } from '../answered.ts';
import { CommandError } from '../exit-codes.ts';
import { allItems, findOne } from '../find.ts';
import { meantBy, spokenName } from '../kinds.ts';
import type { Kind, ListQuery } from '../kinds.ts';
import { formatted } from '../output/formats.ts';
import { openSession } from '../session.ts';
import type { OpenSession } from '../session.ts';
import { progress } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import type { GetOptions } from './get-options.ts';

/** Lists a kind, or shows one of it. */
export async function get(terminal: Terminal, word: string, given: string | undefined, options: GetOptions): Promise<void> {
  const { kind, name } = meantBy(word, given);
  // What is typed wrong is told before anybody is asked to sign in.
  listQuery(kind, options);
  await show(terminal, await openSession(terminal, options), { kind, name }, options);
}

type Meant = { kind: Kind; name: string | undefined };

export async function show(terminal: Terminal, session: OpenSession, { kind, name }: Meant, options: GetOptions): Promise<void> {
  const query = listQuery(kind, options);
  if (options.watch === true) return (await import('./watch.ts')).watch(terminal, session, kind, name, query, options);
  if (name !== undefined) {
    const shown = await readOne(kind, session, name);
    terminal.out(await formatted(options.output, kind, [shown], { one: true, headers: options.headers }));
    return;
  }
  if (options.all === true) {
    progress(terminal, `Reading all ${kind.plural} …`);
    terminal.out(await formatted(options.output, kind, await allItems(kind, session.client, query), options));
    return;
  }
  const { items, next_cursor } = await answered(
    kind.list(session.client, { ...query, ...(options.limit !== undefined && { limit: options.limit }) }),
  );
  terminal.out(await formatted(options.output, kind, items, options));
  // Told to scripts as well, which would take a part for the whole.
  if (next_cursor !== null) terminal.err(`These are the first ${items.length}, and there are more: --all shows them all.\n`);
  else if (items.length === 0) progress(terminal, `There are no ${kind.plural}${query.label === undefined ? '' : ' with these labels'}.`);
}

/** One of a kind as its own page shows it, where it has one, and else as its list does. */
export async function readOne(kind: Kind, { client }: OpenSession, name: string) {
  const listed = await findOne(kind, client, name);
  return kind.get === undefined ? listed : answered(kind.get(client, String(listed[kind.id])));
}

export function listQuery(kind: Kind, { selector }: GetOptions): ListQuery {
  if (selector === undefined) return {};
  if (!kind.hasLabels) throw new CommandError('usage', `A ${spokenName(kind)} has no labels to select by.`);
  const label = selector.flatMap((text) => text.split(',')).map((text) => text.trim());
  const wrong = label.find((text) => !/^[^=]{1,63}=/.test(text) || text.includes('=='));
  if (wrong !== undefined) throw new CommandError('usage', `A selector is KEY=VALUE, several are parted by commas: "${wrong}" is none.`);
  return { label };
}
