import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ContextToken } from '@stoa/client-auth/access-token.ts';
import { tokenFault } from '@stoa/client-auth/kept-token.ts';
import { placeWords, TokenStore } from '@stoa/client-auth/token-store.ts';
import { changeConfig, readConfig } from '@stoa/client-config/client-config.ts';
import type { ClientConfig, ClientContext } from '@stoa/client-config/client-config.ts';
import { nameFault, serverFault } from '@stoa/client-config/config-faults.ts';
import { configPath } from '@stoa/client-config/config-path.ts';
import { isReadableOnTheWay } from '@stoa/lib/plain-http.ts';
import { endSignIn, tellUnrevoked } from '../end-sign-in.ts';
import { CommandError } from '../exit-codes.ts';
import { table } from '../output/table.ts';
import { unknownContext } from '../session.ts';
import { readInput } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

type SetOptions = { server?: string; tokenFile?: string; caFile?: string };

export async function listContexts(terminal: Terminal, { output }: { output?: string }): Promise<void> {
  const { contexts, current_context } = await readConfig(configPath(terminal.env));
  const current = terminal.env['STOA_CONTEXT'] || current_context;
  const rows = Object.entries(contexts).map(([name, { server, token }]) => ({ name, server, token: token ?? 'none', current: name === current }));
  if (output === 'json') terminal.out(`${JSON.stringify({ items: rows }, null, 2)}\n`);
  else if (output === 'name') terminal.out(rows.map(({ name }) => `${name}\n`).join(''));
  else
    terminal.out(
      table(
        ['CURRENT', 'NAME', 'SERVER', 'TOKEN'],
        rows.map(({ name, server, token, current: is }) => [is ? '*' : '', name, server, token]),
      ),
    );
}

export async function useContext(terminal: Terminal, name: string): Promise<void> {
  await changeConfig(configPath(terminal.env), (config) => {
    if (config.contexts[name] === undefined) throw unknownContext(name, config);
    return { ...config, current_context: name };
  });
  terminal.out(`The current context is ${name}.\n`);
}

/** Makes or changes a context, which becomes the current one. What is not given stays. */
export async function setContext(terminal: Terminal, name: string, options: SetOptions): Promise<void> {
  const faults = [nameFault(name), options.server === undefined ? undefined : serverFault(options.server)];
  const said = faults.flatMap((fault, index) => (fault === undefined ? [] : [`${index === 0 ? 'The name of a context' : '--server'} ${fault}.`]));
  if (said.length > 0) throw new CommandError('usage', said.join('\n'));
  const token = options.tokenFile === undefined ? undefined : await readToken(terminal, options.tokenFile);
  const caFile = options.caFile === undefined ? undefined : await existingFile(options.caFile);
  const path = configPath(terminal.env);
  const store = new TokenStore(path, terminal.env);
  await endWhatIsReplaced(terminal, path, name, options.server, token);
  const { contexts } = await changeConfig(path, async (config) => {
    const before = config.contexts[name];
    const server = options.server ?? before?.server;
    if (server === undefined) throw new CommandError('usage', `The context ${name} is new: say where its Control Plane is with --server URL.`);
    const kept = keptFor(before, server);
    const place = token === undefined ? kept : await store.keep(name, { access_token: token });
    const ca = caFile ?? before?.ca_file;
    const context: ClientContext = { server, ...(ca !== undefined && { ca_file: ca }), ...(place !== undefined && { token: place }) };
    return { current_context: name, contexts: { ...config.contexts, [name]: context } };
  });
  const made = contexts[name] as ClientContext;
  terminal.out(`The context ${name} is of ${made.server}, and is the current one.\n`);
  if (made.token !== undefined && token !== undefined) terminal.out(`Its token is kept in ${placeWords[made.token]}.\n`);
  if (made.token === undefined) terminal.out('Nobody is signed in to it: stoactl login.\n');
  warnOfPlainHttp(terminal, made.server);
}

/** A sign-in that another token, or another server, takes the place of. */
async function endWhatIsReplaced(
  terminal: Terminal,
  path: string,
  name: string,
  server: string | undefined,
  token: string | undefined,
): Promise<void> {
  const before = (await readConfig(path)).contexts[name];
  if (before?.token === undefined || (token === undefined && keptFor(before, server ?? before.server) !== undefined)) return;
  tellUnrevoked(terminal, await endSignIn(terminal, { path, name, context: before }, () => forgetToken(path, name)));
}

const forgetToken = (path: string, name: string) =>
  changeConfig(path, (config) => {
    const { token: _removed, ...rest } = config.contexts[name] ?? {};
    return 'server' in rest ? { ...config, contexts: { ...config.contexts, [name]: rest } } : config;
  });

/** A token was given for one server: another never gets it. */
const keptFor = (before: ClientContext | undefined, server: string) =>
  before !== undefined && new URL(before.server).origin === new URL(server).origin ? before.token : undefined;

function warnOfPlainHttp(terminal: Terminal, server: string): void {
  if (isReadableOnTheWay(server)) terminal.err(`${server} is not encrypted: whoever is on the way reads the token. Use https.\n`);
}

export async function renameContext(terminal: Terminal, from: string, to: string): Promise<void> {
  const fault = nameFault(to);
  if (fault !== undefined) throw new CommandError('usage', `The name of a context ${fault}.`);
  const path = configPath(terminal.env);
  const store = new TokenStore(path, terminal.env);
  const move = (config: ClientConfig) => moved(store, config, from, to);
  // A token that was renewed meanwhile would be kept under the old name.
  await new ContextToken(store, from, askNobody).exclusively(() => changeConfig(path, move));
  terminal.out(`The context ${from} is called ${to}.\n`);
}

const askNobody = () => Promise.reject(new Error('Nothing is renewed here.'));

async function moved(store: TokenStore, config: ClientConfig, from: string, to: string): Promise<ClientConfig> {
  const context = config.contexts[from];
  if (context === undefined) throw unknownContext(from, config);
  if (config.contexts[to] !== undefined) throw new CommandError('conflict', `There is a context ${to} already: delete it first.`);
  const token = context.token === undefined ? undefined : await store.read(from, context.token);
  const place = token === undefined ? undefined : await store.keep(to, token);
  if (context.token !== undefined) await store.remove(from, context.token);
  const { token: _before, ...rest } = context;
  const contexts = Object.entries(config.contexts).map(([name, value]): [string, ClientContext] =>
    name === from ? [to, { ...rest, ...(place && { token: place }) }] : [name, value],
  );
  return { ...config, ...(config.current_context === from && { current_context: to }), contexts: Object.fromEntries(contexts) };
}

export async function deleteContext(terminal: Terminal, name: string): Promise<void> {
  const path = configPath(terminal.env);
  const config = await readConfig(path);
  const context = config.contexts[name];
  if (context === undefined) throw unknownContext(name, config);
  if (context.token !== undefined) tellUnrevoked(terminal, await endSignIn(terminal, { path, name, context }, async () => undefined));
  const { current_context } = await changeConfig(path, ({ current_context: current, contexts }) => {
    const others = Object.fromEntries(Object.entries(contexts).filter(([other]) => other !== name));
    return { ...(current !== undefined && current !== name && { current_context: current }), contexts: others };
  });
  terminal.out(
    `The context ${name} and its token are removed.${current_context === undefined ? ' None is current now: stoactl context use NAME.' : ''}\n`,
  );
}

const maxTokenBytes = 64 * 1024;

/** The token of a file, of a pipe, or with `-` of stdin. Read once: a pipe has it once. */
export async function readToken(terminal: Terminal, file: string): Promise<string> {
  const text = file === '-' ? await readInput(terminal) : await contentOf(file);
  const token = text.trim();
  const fault = tokenFault(token);
  if (fault !== undefined) throw new CommandError('usage', `The token of ${file === '-' ? 'stdin' : file} ${fault}.`);
  return token;
}

async function contentOf(file: string): Promise<string> {
  let text = '';
  try {
    for await (const chunk of createReadStream(file, { encoding: 'utf8', end: maxTokenBytes })) text += chunk as string;
  } catch (error) {
    throw new CommandError('usage', `The token file ${file} cannot be read: ${(error as Error).message}.`);
  }
  return text;
}

async function existingFile(file: string): Promise<string> {
  const path = resolve(file);
  await stat(path).catch((error: unknown) => {
    throw new CommandError('usage', `--ca-file ${file} cannot be read: ${(error as Error).message}.`);
  });
  return path;
}
