import type { Agent } from 'node:https';
import { connect as connectTcp } from 'node:net';
import type { LookupFunction, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** What is told of a connection. */
export type SocketEvents = {
  /** A piece that is lent for the time of the call. */
  data(bytes: Buffer): void;
  /** The other side sends no more. */
  end(): void;
  /** There is no connection any more, after `end` or an error. */
  close(error: Error | undefined): void;
};

/** Opens a connection. `opened` may be told of one that is not connected yet: what is written to it waits. */
export type OpenSocket = (events: SocketEvents, opened: (socket: Socket) => void) => void;

const keepAliveMs = 60_000;
/** One for all connections: a piece is used up before the next is read. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/** How a host is resolved, and the certificate and key in PEM that it is shown over TLS. */
export type OpenerOptions = { readonly lookup?: LookupFunction; readonly cert?: string; readonly key?: string };

/** Straight to a server. TLS goes on with the session of the connection before. */
export function openerOf(origin: string, { lookup, ...shown }: OpenerOptions = {}): OpenSocket {
  const { protocol, port, host, isName } = placeOf(origin);
  const place = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs, ...(lookup && { lookup }) };
  if (protocol === 'http:') return (events, opened) => opened(tellOf(openPlain(place, events), events));
  let session: Buffer | undefined;
  return (events, opened) => {
    const socket = connectTls({ ...place, ...shown, ALPNProtocols: ['http/1.1'], ...(isName && { servername: host }), ...(session && { session }) });
    socket.on('session', (next) => (session = next)).on('data', events.data);
    opened(tellOf(socket, events));
  };
}

/** Through a tunnel that the agent makes at its proxy (`proxyEnv`). */
export function tunnelTo(origin: string, agent: Agent): OpenSocket {
  const { port, host, isName } = placeOf(origin);
  return (events, opened) => {
    agent.createConnection({ host, port, ...(isName && { servername: host }) }, (error, stream) => {
      if (error !== null || stream === undefined) return events.close(error ?? new Error('There is no tunnel.'));
      const socket = stream as Socket;
      socket.setNoDelay(true).on('data', events.data);
      opened(tellOf(socket, events));
    });
  };
}

export function placeOf(origin: string): { protocol: string; host: string; port: number; isName: boolean } {
  const { protocol, hostname, port } = new URL(origin);
  const host = hostname.replace(/^\[|\]$/g, '');
  return { protocol, host, port: Number(port || (protocol === 'https:' ? 443 : 80)), isName: !/^[\d.]+$|:/.test(host) };
}

/** Without a stream between the socket and who reads it: that costs more than reading an answer does. */
function openPlain(place: { host: string; port: number }, events: SocketEvents): Socket {
  const callback = (length: number): boolean => {
    events.data(readBuffer.subarray(0, length));
    return true;
  };
  return connectTcp({ ...place, onread: { buffer: readBuffer, callback } });
}

function tellOf(socket: Socket, events: SocketEvents): Socket {
  let failure: Error | undefined;
  return socket
    .on('error', (error) => (failure = error))
    .on('end', events.end)
    .on('close', () => events.close(failure));
}
