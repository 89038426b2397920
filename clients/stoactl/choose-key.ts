import { CommandError } from './exit-codes.ts';
import { spokenName } from './kinds.ts';
import type { Item, Kind } from './kinds.ts';

type Key = { key_id: string; hint: string; state: string; name?: string; expires_at?: string };

/**
 * The key that is meant by its id, by the first characters of its secret, or by its name: of several the one that is good still, for those that it replaced have
 * its name. Without a word the only good one.
 */
export function chooseKey(kind: Kind, items: readonly Item[], word: string | undefined, of = ''): Key {
  const keys = items as unknown as readonly Key[];
  const meant = word === undefined ? keys : keys.filter((key) => [key.key_id, key.hint, key.name].includes(word));
  const good = meant.filter(({ state }) => state === 'valid');
  const left = good.length === 0 && word !== undefined ? meant : good;
  const [first] = left;
  if (first !== undefined && left.length === 1) return first;
  const called = word === undefined ? `good ${spokenName(kind)}` : `${spokenName(kind)} ${word}`;
  if (first === undefined) throw new CommandError('notFound', `There is no ${called}${of}.`);
  const lines = left.map(
    ({ key_id, hint, state, expires_at }) => `  ${key_id}  ${hint}  ${state}${expires_at === undefined ? '' : ` until ${expires_at}`}`,
  );
  throw new CommandError(
    'failed',
    `There are ${left.length} ${word === undefined ? `good ${spokenName(kind)}s` : `${spokenName(kind)}s called ${word}`}${of}. Name one by its id:\n${lines.join('\n')}`,
  );
}
