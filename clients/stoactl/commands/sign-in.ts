import { placeWords, TokenStore } from '@stoa/client-auth/token-store.ts';
import { changeConfig, readConfig } from '@stoa/client-config/client-config.ts';
import { configPath } from '@stoa/client-config/config-path.ts';
import { answered } from '../answered.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { cellOf, table } from '../output/table.ts';
import { chosenContext, openSession, sessionOf } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import type { Terminal } from '../terminal.ts';
import { readToken } from './context.ts';

/** Reads a token from stdin, tries it, and keeps it for the context that is meant. */
export async function login(terminal: Terminal, options: GlobalOptions & { withToken?: boolean }): Promise<void> {
  if (options.withToken !== true) throw new CommandError('usage', 'Say how: stoactl login --with-token reads an access token from stdin.');
  const chosen = await chosenContext(terminal, options);
  const token = await readToken(terminal, '-');
  const who = await answered(sessionOf(terminal, chosen, token).client.getSession());
  const place = await new TokenStore(chosen.path, terminal.env).keep(chosen.name, { access_token: token });
  await changeConfig(chosen.path, (config) => ({ ...config, contexts: { ...config.contexts, [chosen.name]: { ...chosen.context, token: place } } }));
  terminal.out(`Signed in to ${chosen.context.server} as ${who.name ?? who.role}. The token is kept in ${placeWords[place]}.\n`);
}

/** Removes the token of a context from where it is kept. */
export async function logout(terminal: Terminal, options: GlobalOptions): Promise<void> {
  const { path, name, context } = await chosenContext(terminal, options);
  if (context.token === undefined) {
    terminal.out(`Nobody was signed in to the context ${name}.\n`);
    return;
  }
  await new TokenStore(path, terminal.env).remove(name, context.token);
  const { token: _removed, ...rest } = context;
  await changeConfig(path, (config) => ({ ...config, contexts: { ...config.contexts, [name]: rest } }));
  terminal.out(`The token of the context ${name} is removed. It was made elsewhere and stays valid there: stoactl delete token NAME revokes one.\n`);
}

export async function whoami(terminal: Terminal, options: GlobalOptions & { output?: string }): Promise<void> {
  const { client, server, context } = await openSession(terminal, options);
  const who = { ...(await answered(client.getSession())), server, context };
  if (options.output === 'json') terminal.out(`${JSON.stringify(who, null, 2)}\n`);
  else
    terminal.out(
      table(
        ['', ''],
        Object.entries(who).map(([key, value]) => [key, cellOf(value)]),
        { headers: false },
      ),
    );
}

/** Tells for each context where its token is and whether the server takes it. Ends with 3 when the context that is meant has none that is good. */
export async function authStatus(terminal: Terminal, options: GlobalOptions & { output?: string }): Promise<number> {
  const path = configPath(terminal.env);
  const config = await readConfig(path);
  const meant = options.context ?? (terminal.env['STOA_CONTEXT'] || config.current_context);
  const asked = options.context === undefined ? Object.keys(config.contexts) : [(await chosenContext(terminal, options)).name];
  const rows = await Promise.all(
    asked.map((name) => statusOf(terminal, name, meant === name, config.contexts[name]?.server ?? '', config.contexts[name]?.token)),
  );
  if (options.output === 'json') terminal.out(`${JSON.stringify({ items: rows }, null, 2)}\n`);
  else
    terminal.out(
      table(
        ['CONTEXT', 'SERVER', 'TOKEN', 'SIGNED IN'],
        rows.map((row) => [row.context, row.server, row.token, row.signed_in]),
      ),
    );
  return rows.some(({ is_meant, is_good }) => is_meant && is_good) ? 0 : exitCodes.signedOut;
}

async function statusOf(terminal: Terminal, context: string, isMeant: boolean, server: string, place: string | undefined) {
  const fromEnvironment = (terminal.env['STOA_TOKEN'] ?? '') !== '';
  const row = { context, server, token: fromEnvironment ? 'STOA_TOKEN' : (place ?? 'none'), is_meant: isMeant };
  try {
    const { client } = await openSession(terminal, { context });
    const who = await answered(client.getSession());
    return { ...row, signed_in: `as ${who.name ?? who.role} (${who.role})`, is_good: true };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { ...row, signed_in: `no: ${error.message.split('\n')[0]}`, is_good: false };
  }
}
