import { once } from 'node:events';
import type { Server as HttpServer, ServerResponse } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { ExpectedError } from './errors.ts';
import { knowUnixPeers } from './client-address.ts';
import { quickLaneOf } from './quick/lane.ts';
import { listenOnSocket } from './unix-socket.ts';
import type { SocketPlace } from './unix-socket.ts';

export { onShutdown } from './shutdown.ts';

type Watched = {
  /** Connections that have carried no request yet: Node counts them as busy, although a browser or a probe may only have opened them ahead. */
  readonly unused: Set<Socket>;
  /** The newest answer on each connection. */
  readonly answers: Map<Socket, ServerResponse>;
  isClosing: boolean;
};
/**
 * Connections that may wait to be accepted, eight times as many as by default. A fleet that comes back at once fills it between two turns of the event loop, and
 * what finds no room tries again after 1, 3 and 7 s. The kernel may hold it lower (`net.core.somaxconn`).
 */
const maxUnaccepted = 4_096;
const watched = new WeakMap<HttpServer, Watched>();

function watch(server: HttpServer): void {
  const state: Watched = { unused: new Set(), answers: new Map(), isClosing: false };
  watched.set(server, state);
  server.on(server instanceof HttpsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    // The quick lane knows which of its own are idle.
    if (quickLaneOf(server) === undefined) state.unused.add(socket);
    socket.once('close', () => {
      state.unused.delete(socket);
      state.answers.delete(socket);
    });
  });
  server.prependListener('request', ({ socket }, response) => {
    state.unused.delete(socket);
    state.answers.set(socket, response);
    if (state.isClosing) askToLeave(response);
  });
}

/** Whoever asks again and again on one connection, such as a long poll, would keep a closing server open. */
function askToLeave(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}

function closeIdle(server: HttpServer): void {
  server.closeIdleConnections();
  quickLaneOf(server)?.close();
  for (const socket of watched.get(server)?.unused ?? []) socket.destroy();
}

/**
 * Starts to listen and answers the URL a client on this machine can use. Port 0 takes a free one. A taken port, a forbidden
 * one and a foreign address become an `ExpectedError` that names `settingName`, the setting to change.
 */
export async function listen(
  server: HttpServer,
  address: { readonly host: string; readonly port: number /** Others that say so may listen on it, too. */; readonly reusePort?: boolean },
  settingName = 'STOA_LISTEN',
): Promise<string> {
  try {
    // `once` rejects on 'error', which is how a failed listen is told.
    const listening = once(server, 'listening');
    if (!watched.has(server)) watch(server);
    server.listen({ host: address.host, port: address.port, backlog: maxUnaccepted, ...(address.reusePort === true && { reusePort: true }) });
    await listening;
  } catch (error) {
    throw explain(error as NodeJS.ErrnoException, address, settingName);
  }
  return urlOf(server);
}

/** The same on a socket in a folder, for requests over plain HTTP. */
export async function listenInFolder(server: HttpServer, place: SocketPlace, settingName: string): Promise<void> {
  knowUnixPeers(server);
  watch(server);
  await listenOnSocket(server, place, settingName);
}

function explain(error: NodeJS.ErrnoException, { host, port }: { host: string; port: number }, settingName: string): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} on ${host} is taken: stop the program that holds it, or change ${settingName}.`,
    EACCES: `Port ${port} on ${host} may not be used by this user: choose one above 1023 in ${settingName}.`,
    EADDRNOTAVAIL: `The address ${host} does not belong to this machine: change ${settingName}.`,
    ENOTFOUND: `The host name ${host} is unknown: change ${settingName}.`,
  };
  const sentence = reasons[error.code ?? ''];
  return sentence === undefined ? error : new ExpectedError(sentence, { cause: error });
}

function urlOf(server: HttpServer): string {
  const { address, port, family } = server.address() as AddressInfo;
  // A wildcard is an address to bind, not one to call.
  const callable = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  const scheme = server instanceof HttpsServer ? 'https' : 'http';
  return `${scheme}://${family === 'IPv6' ? `[${callable}]` : callable}:${port}`;
}

/**
 * Refuses new connections and lets requests in flight finish, each the last on its connection; after `graceMs` what is left is cut.
 * Resolves when the last connection is gone, at once when the server was not listening.
 */
export async function closeGracefully(server: HttpServer, graceMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  const state = watched.get(server);
  if (state) {
    state.isClosing = true;
    for (const response of state.answers.values()) askToLeave(response);
  }
  closeIdle(server);
  // A kept-alive connection becomes idle only when its request ends, which may be after close().
  const sweep = setInterval(() => closeIdle(server), 100);
  const cut = setTimeout(() => {
    server.closeAllConnections();
    quickLaneOf(server)?.cut();
  }, graceMs);
  try {
    await closed;
  } finally {
    clearInterval(sweep);
    clearTimeout(cut);
  }
}
