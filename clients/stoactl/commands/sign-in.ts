import type { KeptToken } from '@stoa/client-auth/kept-token.ts';
import { TokenStore } from '@stoa/client-auth/token-store.ts';
import { changeConfig, readConfig } from '@stoa/client-config/client-config.ts';
import { configPath } from '@stoa/client-config/config-path.ts';
import type { Session } from '@stoa/generated/schemas.ts';
import { answered } from '../answered.ts';
import { endSignIn, tellUnrevoked } from '../end-sign-in.ts';
import type { EndedSignIn } from '../end-sign-in.ts';
import { exitCodes } from '../exit-codes.ts';
import { cellOf, table } from '../output/table.ts';
import { chosenContext, openSession } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import type { Terminal } from '../terminal.ts';

/** Removes the token of a context from where it is kept, after what an issuer gave was revoked there. */
export async function logout(terminal: Terminal, options: GlobalOptions): Promise<number> {
  const chosen = await chosenContext(terminal, options);
  const { path, name, context } = chosen;
  if (context.token === undefined) {
    terminal.out(`Nobody was signed in to the context ${name}.\n`);
    return 0;
  }
  const ended = await endSignIn(terminal, chosen, () =>
    changeConfig(path, (config) => {
      const { token: _removed, ...rest } = config.contexts[name] ?? context;
      return { ...config, contexts: { ...config.contexts, [name]: rest } };
    }),
  );
  terminal.out(farewell(name, ended));
  tellUnrevoked(terminal, ended);
  return ended.fault === undefined ? 0 : exitCodes.failed;
}

function farewell(name: string, { issuer, fault }: EndedSignIn): string {
  const removed = `The token of the context ${name} is removed`;
  if (fault !== undefined) return `${removed} from this machine.\n`;
  if (issuer !== undefined) return `${removed}, and its sign-in is revoked at ${issuer}.\n`;
  return `${removed}. It was made elsewhere and stays valid there: stoactl delete token NAME revokes one.\n`;
}

/** Who is signed in, as people and scripts read it. */
type Identity = Session & { server: string; context: string; issuer?: string };

async function identify(terminal: Terminal, options: GlobalOptions): Promise<Identity> {
  const { client, server, context } = await openSession(terminal, options);
  const who = await answered(client.getSession());
  const { issuer } = (await keptTokenOf(terminal, context)) ?? {};
  return { ...who, server, context, ...(issuer !== undefined && { issuer }) };
}

/** Undefined for a token of the environment, which is kept nowhere. */
async function keptTokenOf(terminal: Terminal, name: string): Promise<KeptToken | undefined> {
  if ((terminal.env['STOA_TOKEN'] ?? '') !== '') return undefined;
  const path = configPath(terminal.env);
  const place = (await readConfig(path)).contexts[name]?.token;
  return place === undefined ? undefined : new TokenStore(path, terminal.env).read(name, place);
}

export async function whoami(terminal: Terminal, options: GlobalOptions & { output?: string }): Promise<void> {
  const who = await identify(terminal, options);
  if (options.output === 'json') terminal.out(`${JSON.stringify(who, null, 2)}\n`);
  else
    terminal.out(
      table(
        ['', ''],
        Object.entries({ ...who, user: who.user?.email, tenant: who.tenant?.name }).flatMap(([key, value]) =>
          value === undefined ? [] : [[key, cellOf(value)]],
        ),
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
        ['CONTEXT', 'SERVER', 'TOKEN', 'SIGNED IN', 'TENANT', 'ISSUER', 'EXPIRES'],
        rows.map(({ who, ...row }) => [
          row.context,
          row.server,
          row.token,
          row.signed_in,
          who?.tenant?.name ?? '',
          who?.issuer ?? '',
          who?.expires_at ?? '',
        ]),
      ),
    );
  return rows.some(({ is_meant, is_good }) => is_meant && is_good) ? 0 : exitCodes.signedOut;
}

async function statusOf(terminal: Terminal, context: string, isMeant: boolean, server: string, place: string | undefined) {
  const fromEnvironment = (terminal.env['STOA_TOKEN'] ?? '') !== '';
  const row = { context, server, token: fromEnvironment ? 'STOA_TOKEN' : (place ?? 'none'), is_meant: isMeant };
  try {
    const who = await identify(terminal, { context });
    return { ...row, signed_in: `as ${who.name ?? who.role} (${who.roles.join(', ')})`, is_good: true, who };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { ...row, signed_in: `no: ${error.message.split('\n')[0]}`, is_good: false, who: undefined };
  }
}
