import { ContextToken } from '@stoa/client-auth/access-token.ts';
import type { AskIssuer } from '@stoa/client-auth/issuer.ts';
import { IssuerError } from '@stoa/client-auth/issuer-error.ts';
import { TokenStore } from '@stoa/client-auth/token-store.ts';
import { readConfig } from '@stoa/client-config/client-config.ts';
import type { ClientConfig, ClientContext } from '@stoa/client-config/client-config.ts';
import { configPath } from '@stoa/client-config/config-path.ts';
import { tokenFault } from '@stoa/client-auth/kept-token.ts';
import { createPlainClient } from '@stoa/control-plane-client/plain-client.ts';
import type { PlainRequest } from '@stoa/control-plane-client/plain-client.ts';
import type { Received } from '@stoa/control-plane-client/exchange.ts';
import { controlPlaneOperations } from '@stoa/generated/client.ts';
import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import { nearestName } from '@stoa/lib/nearest-name.ts';
import { CommandError } from './exit-codes.ts';
import { createHttp } from './http.ts';
import type { Http } from './http.ts';
import type { Terminal } from './terminal.ts';

/** Options that every command has. */
export type GlobalOptions = { context?: string };

/** Which Control Plane is meant, before anybody signs in. */
export type ChosenContext = { path: string; config: ClientConfig; name: string; context: ClientContext };
export type OpenSession = { client: ControlPlaneClient; server: string; context: string };
/** What is sent for authorization, and what is sent in its place when the server refuses it. */
export type TokenSource = Pick<ContextToken, 'current' | 'afterRefusal'>;

/** The context that is meant: by `--context`, else by `STOA_CONTEXT`, else the current one. */
export async function chosenContext(terminal: Terminal, { context: given }: GlobalOptions): Promise<ChosenContext> {
  const path = configPath(terminal.env);
  const config = await readConfig(path);
  const name = given ?? (terminal.env['STOA_CONTEXT'] || config.current_context);
  if (name === undefined)
    throw new CommandError('signedOut', 'No context is chosen: stoactl context set NAME --server URL makes one, stoactl context use NAME takes one.');
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

/** The client of the Control Plane that is meant, with the token of its context or of `STOA_TOKEN`. Throws a `CommandError` when nobody is signed in. */
export async function openSession(terminal: Terminal, options: GlobalOptions): Promise<OpenSession> {
  const chosen = await chosenContext(terminal, options);
  const http = await createHttp(terminal, chosen.context.ca_file);
  const credential = credentialOf(terminal, chosen, http.ask);
  if ((await credential.current()) === undefined) throw nobody(chosen.name);
  return sessionOf(http, chosen, credential);
}

const nobody = (context: string) =>
  new CommandError(
    'signedOut',
    `Nobody is signed in to the context ${context}: stoactl login signs in by a browser, stoactl login --device by one elsewhere; STOA_TOKEN holds for one command.`,
  );

/** A session with a credential of any kind; without one for what needs none. */
export function sessionOf(http: Http, { name, context }: Pick<ChosenContext, 'name' | 'context'>, credential?: TokenSource): OpenSession {
  const server = context.server.replace(/\/+$/, '');
  const carry = credential === undefined ? http.carry : withCredential(http, credential);
  return { client: controlPlaneOperations(createPlainClient(server, carry)), server, context: name };
}

/** A token that is given for once. */
export const givenToken = (token: string): TokenSource => ({ current: async () => token, afterRefusal: async () => undefined });

const withCredential =
  ({ carry }: Http, credential: TokenSource) =>
  async (request: PlainRequest): Promise<Received> => {
    const send = (token: string | undefined) =>
      carry(token === undefined ? request : { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } });
    const token = await credential.current();
    const received = await send(token);
    const another = received.incoming.statusCode === 401 && token !== undefined ? await credential.afterRefusal(token) : undefined;
    if (another === undefined) return received;
    received.incoming.resume();
    received.release();
    return send(another);
  };

function credentialOf(terminal: Terminal, { path, name }: ChosenContext, ask: AskIssuer): TokenSource {
  const given = terminal.env['STOA_TOKEN']?.trim();
  if (given !== undefined && given !== '') {
    const fault = tokenFault(given);
    if (fault !== undefined) throw new CommandError('usage', `STOA_TOKEN ${fault}.`);
    return givenToken(given);
  }
  const token = new ContextToken(new TokenStore(path, terminal.env), name, ask);
  const told = (error: unknown): never => {
    throw tellIssuerError(error, `Sign in to the context ${name} again: stoactl login.`);
  };
  return { current: () => token.current().catch(told), afterRefusal: (refused) => token.afterRefusal(refused).catch(told) };
}

/** What an issuer refused or did not answer, with the exit code of that. */
export const tellIssuerError = (error: unknown, remedy: string): unknown =>
  error instanceof IssuerError
    ? new CommandError(
        error.kind === 'refused' ? 'signedOut' : 'unreachable',
        error.kind === 'refused' ? `${error.message} ${remedy}` : error.message,
        { cause: error },
      )
    : error;
