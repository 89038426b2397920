import { resolve } from 'node:path';
import { ContextToken, keepToken } from '@stoa/client-auth/access-token.ts';
import { issuerFault, revoke, signInAsMachine } from '@stoa/client-auth/issuer.ts';
import type { AskIssuer, SignInOffer } from '@stoa/client-auth/issuer.ts';
import { isRenewable } from '@stoa/client-auth/kept-token.ts';
import type { KeptToken } from '@stoa/client-auth/kept-token.ts';
import { assertionKey } from '@stoa/client-auth/private-key.ts';
import { signInByBrowser, signInByDevice } from '@stoa/client-auth/sign-in.ts';
import { placeWords, TokenStore } from '@stoa/client-auth/token-store.ts';
import type { Session } from '@stoa/generated/schemas.ts';
import { answered } from '../answered.ts';
import { browserCommand, openBrowser } from '../browser.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { createHttp } from '../http.ts';
import { chosenContext, givenToken, sessionOf, tellIssuerError } from '../session.ts';
import type { ChosenContext, GlobalOptions } from '../session.ts';
import { printable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { readToken } from './context.ts';

export type LoginOptions = GlobalOptions & {
  withToken?: boolean;
  device?: boolean;
  browser?: boolean;
  tenant?: string;
  clientId?: string;
  clientSecretFile?: string;
  privateKeyFile?: string;
};

/** Signs in to the context that is meant: by a browser here, by one elsewhere, as a service account, or with a token from stdin. */
export async function login(terminal: Terminal, options: LoginOptions): Promise<void> {
  const chosen = await chosenContext(terminal, options);
  const { ask, carry } = await createHttp(terminal, chosen.context.ca_file);
  const token: KeptToken =
    options.withToken === true
      ? { access_token: await readToken(terminal, '-') }
      : await signIn(terminal, await offerOf(chosen, { ask, carry }), ask, options);
  const session = sessionOf({ ask, carry }, chosen, givenToken(token.access_token));
  const who = await answered(session.client.getSession())
    .then((found) => requireTenant(found, options.tenant))
    .catch(async (error: unknown) => {
      if (isRenewable(token)) await revoke(token, ask).catch(() => undefined);
      throw error;
    });
  const store = new TokenStore(chosen.path, terminal.env);
  const place = await new ContextToken(store, chosen.name, ask).exclusively(async (read) => {
    const before = await read().catch(() => undefined);
    const kept = await keepToken(store, chosen.name, token);
    // What it replaces would go on for weeks at the issuer, with nobody who knows of it.
    if (before !== undefined && isRenewable(before)) await revoke(before, ask).catch(() => undefined);
    return kept;
  });
  terminal.out(
    `Signed in to ${chosen.context.server} as ${printable(nameOf(who))}, in the tenant ${printable(who.tenant?.name ?? '')}. The token is kept in ${placeWords[place]}.\n`,
  );
}

const nameOf = ({ name, role, user }: Session): string => (user === undefined ? (name ?? role) : `${name ?? ''} <${user.email}>`);

/** What the server says of where people sign in. */
async function offerOf(chosen: ChosenContext, http: Parameters<typeof sessionOf>[0]): Promise<SignInOffer> {
  const { client, server } = sessionOf(http, chosen);
  const offer = await answered(client.getSignIn()).catch((error: unknown) => {
    if (!(error instanceof CommandError) || error.exitCode !== exitCodes.notFound) throw error;
    throw new CommandError(
      'failed',
      `${server} does not say where people sign in, as servers before this stoactl did not: stoactl login --with-token takes a token.`,
    );
  });
  const fault = issuerFault(server, offer);
  if (fault !== undefined) throw new CommandError('failed', printable(fault));
  return offer;
}

async function signIn(terminal: Terminal, offer: SignInOffer, ask: AskIssuer, options: LoginOptions): Promise<KeptToken> {
  const { clientId: client_id, clientSecretFile: secretFile, privateKeyFile: keyFile } = options;
  if ((client_id ?? secretFile ?? keyFile) === undefined) return signInAsPerson(terminal, offer, ask, options);
  if (client_id === undefined || (secretFile ?? keyFile) === undefined)
    throw new CommandError('usage', 'A service account needs two: --client-id ID, and --client-secret-file FILE or --private-key-file FILE.');
  const { issuer, scopes } = offer;
  const proof = keyFile === undefined ? { client_secret: await readToken(terminal, secretFile ?? '-') } : { private_key_file: await keyOf(keyFile) };
  return signInAsMachine({ issuer, scopes, client_id, ...proof }, ask).catch((error: unknown) => {
    throw tellIssuerError(
      error,
      `Look at the id and the ${keyFile === undefined ? 'secret' : 'public keys'} of the service account, and at when it ends.`,
    );
  });
}

/** Where the key is, from whichever folder the token is renewed. */
async function keyOf(path: string): Promise<string> {
  await assertionKey(path).catch((error: Error) => {
    throw new CommandError('usage', printable(error.message), { cause: error });
  });
  return resolve(path);
}

async function signInAsPerson(terminal: Terminal, offer: SignInOffer, ask: AskIssuer, options: LoginOptions): Promise<KeptToken> {
  const parameters = options.tenant === undefined ? {} : { tenant: options.tenant };
  const way = { offer, ask, parameters, signal: terminal.signal };
  const remedy = options.device === true ? 'Begin again: stoactl login --device.' : 'Begin again: stoactl login.';
  try {
    return options.device === true
      ? await signInByDevice(way, ({ uri, completeUri, code }) => {
          terminal.err(`Open ${printable(uri)} in any browser and type the code ${printable(code)}\n`);
          if (completeUri !== undefined) terminal.err(`or open ${printable(completeUri)}\n`);
        })
      : await signInByBrowser(way, (url) => showAddress(terminal, url, options));
  } catch (error) {
    throw tellIssuerError(error, remedy);
  }
}

function showAddress(terminal: Terminal, url: string, { browser }: LoginOptions): void {
  const command = browser === false || !terminal.isPerson.err ? undefined : browserCommand(process.platform, terminal.env);
  terminal.err(
    `${command === undefined ? 'Open this address in a browser on this machine' : 'Your browser opens this address'}:\n${printable(url)}\n`,
  );
  if (command === undefined) terminal.err('Is the browser on another machine? stoactl login --device is for that.\n');
  else openBrowser(command, url);
}

/** A token is of one tenant. An issuer that does not know the parameter would sign in to another without a word. */
function requireTenant(who: Session, asked: string | undefined): Session {
  if (asked === undefined || who.tenant?.name === asked || who.tenant?.tenant_id === asked) return who;
  throw new CommandError(
    'forbidden',
    `You were signed in to the tenant ${printable(who.tenant?.name ?? '')} and not to ${asked}: its issuer cannot be asked for one. Sign in without --tenant.`,
  );
}
