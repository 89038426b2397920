import { TokenStore } from '@stoa/client-auth/token-store.ts';
import { readConfig } from '@stoa/client-config/client-config.ts';
import type { ClientConfig, ClientContext } from '@stoa/client-config/client-config.ts';
import { configPath } from '@stoa/client-config/config-path.ts';
import { tokenFault } from '@stoa/client-auth/kept-token.ts';
import { createControlPlaneClient } from '@stoa/generated/client.ts';
import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import { nearestName } from '@stoa/lib/nearest-name.ts';
import { CommandError } from './exit-codes.ts';
import { createFetch } from './http.ts';
import type { Terminal } from './terminal.ts';

/** Options that every command has. */
export type GlobalOptions = { context?: string };

/** Which Control Plane is meant, before anybody signs in. */
export type ChosenContext = { path: string; config: ClientConfig; name: string; context: ClientContext };
export type OpenSession = { client: ControlPlaneClient; server: string; context: string; fetch: typeof fetch; token: string };

/** The context that is meant: by `--context`, else by `STOA_CONTEXT`, else the current one. */
export async function chosenContext(terminal: Terminal, { context: given }: GlobalOptions): Promise<ChosenContext> {
  const path = configPath(terminal.env);
  const config = await readConfig(path);
  const name = given ?? (terminal.env['STOA_CONTEXT'] || config.current_context);
  if (name === undefined)
    throw new CommandError(
      'signedOut',
      'No context is chosen: stoactl context set NAME --server URL --token-file FILE makes one, stoactl context use NAME takes one.',
    );
  const context = config.contexts[name];
  if (context === undefined) throw unknownContext(name, config);
  return { path, config, name, context };
}

export function unknownContext(name: string, { contexts }: ClientConfig): CommandError {
  const names = Object.keys(contexts);
  const meant = nearestName(name, names);
  const there = names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`;
  return new CommandError('notFound', `There is no context ${name}: ${meant === undefined ? there : `did you mean ${meant}?`}`);
}

/** The client of the Control Plane that is meant, with the token of its context or of `STOA_TOKEN`. */
export async function openSession(terminal: Terminal, options: GlobalOptions): Promise<OpenSession> {
  const chosen = await chosenContext(terminal, options);
  return sessionOf(terminal, chosen, await tokenOf(terminal, chosen));
}

export function sessionOf(terminal: Terminal, { name, context }: ChosenContext, token: string): OpenSession {
  const server = context.server.replace(/\/+$/, '');
  const fetching = createFetch(terminal, context.ca_file);
  const client = createControlPlaneClient({ baseUrl: server, fetch: fetching, headers: { authorization: `Bearer ${token}` } });
  return { client, server, context: name, fetch: fetching, token };
}

async function tokenOf(terminal: Terminal, { path, name, context }: ChosenContext): Promise<string> {
  const given = terminal.env['STOA_TOKEN']?.trim();
  if (given !== undefined && given !== '') {
    const fault = tokenFault(given);
    if (fault !== undefined) throw new CommandError('usage', `STOA_TOKEN ${fault}.`);
    return given;
  }
  const kept = context.token === undefined ? undefined : await new TokenStore(path, terminal.env).read(name, context.token);
  if (kept === undefined)
    throw new CommandError(
      'signedOut',
      `Nobody is signed in to the context ${name}: stoactl login --with-token reads a token from stdin; STOA_TOKEN holds for one command.`,
    );
  return kept.access_token;
}
