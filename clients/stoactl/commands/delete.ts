import { answered } from '../answered.ts';
import { CommandError } from '../exit-codes.ts';
import { findOne } from '../find.ts';
import { oneMeantBy, plainName, spokenName } from '../kinds.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import type { Terminal } from '../terminal.ts';

/** What deleting is called where it leaves something behind. */
const words: Readonly<Record<string, string>> = {
  Gateway: 'decommissioned',
  GatewayKey: 'revoked',
  Token: 'revoked',
  User: 'removed',
  PersonalToken: 'revoked',
  Invitation: 'revoked',
};

export async function deleteOne(terminal: Terminal, word: string, given: string | undefined, options: GlobalOptions): Promise<void> {
  const { kind, name } = oneMeantBy(word, given);
  if (kind.remove === undefined) throw new CommandError('usage', `A ${spokenName(kind)} cannot be deleted.`);
  const { client } = await openSession(terminal, options);
  const item = await findOne(kind, client, name);
  await answered(kind.remove(client, String(item[kind.id])));
  terminal.out(`${plainName(kind)}/${kind.nameOf(item)} ${words[kind.name] ?? 'deleted'}\n`);
}
