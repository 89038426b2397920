import { answeredOn } from '../answered.ts';
import { CommandError } from '../exit-codes.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import { linesOf } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

/** Makes a pseudonym of what names a consumer, after a person confirmed it: there is no way back. */
export async function eraseConsumer(terminal: Terminal, name: string, options: GlobalOptions & { yes?: boolean }): Promise<void> {
  const { client } = await openSession(terminal, options);
  if (options.yes !== true) {
    if (!terminal.isPerson.in) throw new CommandError('usage', 'Erasing cannot be undone: confirm it with --yes.');
    terminal.err(`Its keys are revoked, and ${name} becomes a pseudonym for good, in the audit too. Type the name again to go on: `);
    if ((await linesOf(terminal)()).trim() !== name) throw new CommandError('failed', 'Nothing was erased.');
  }
  const { pseudonym, fields } = await answeredOn(`consumer ${name}`, client.eraseConsumer({ body: { name } }));
  terminal.out(`The consumer is ${pseudonym} from now on; ${fields} fields of the audit name nobody any more.\n`);
}
