import { version } from '@stoa/lib/version.ts';
import { answered } from '../answered.ts';
import { createHttp } from '../http.ts';
import { chosenContext, sessionOf } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import type { Terminal } from '../terminal.ts';

/** Our own version, and the server's where one answers: it tells both to anybody. */
export async function tellVersion(terminal: Terminal, options: GlobalOptions): Promise<void> {
  terminal.out(`stoactl ${version}\n`);
  const chosen = await chosenContext(terminal, options).catch(() => undefined);
  if (chosen === undefined) return;
  const { server, ca_file } = chosen.context;
  try {
    const running = await answered(sessionOf(await createHttp(terminal, ca_file), chosen).client.getVersion());
    terminal.out(`${running.product} ${running.version} at ${server}, contract revision ${running.contract_revision}\n`);
  } catch (error) {
    terminal.err(`${(error as Error).message}\n`);
  }
}
