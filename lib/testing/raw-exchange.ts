import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

export type RawAnswer = { readonly status: number; readonly head: string; readonly body: string };

/** A connection on which a test says byte for byte what no HTTP client would say. */
export type RawConnection = {
  readonly socket: Socket;
  /** Sends text as it is. */
  send(text: string): void;
  /** Everything received once the server has ended the connection. */
  readonly ended: Promise<string>;
  /** The next whole answer; the server need not end the connection. */
  answer(): Promise<RawAnswer>;
};

export async function openConnection(url: string): Promise<RawConnection> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''));
  let received = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (received += chunk));
  socket.on('error', () => {});
  // Not by `once` of the events, which rejects when the server ends the connection while something is still sent to it.
  const ended = new Promise<string>((resolve) => socket.once('close', () => resolve(received)));
  await once(socket, 'connect');
  return {
    socket,
    ended,
    send: (text) => void socket.write(text, 'latin1'),
    async answer() {
      for (;;) {
        const [answer, length] = parse(received);
        if (answer !== undefined) {
          received = received.slice(length);
          return answer;
        }
        if (socket.closed) throw new Error(`The connection ended with: ${JSON.stringify(received.slice(0, 500))}`);
        await Promise.race([once(socket, 'data'), ended]);
      }
    },
  };
}

/** Sends one request and reads its answer. The connection is ended after it. */
export async function exchange(url: string, request: string): Promise<RawAnswer> {
  const connection = await openConnection(url);
  connection.send(request);
  const answer = await connection.answer();
  connection.socket.destroy();
  return answer;
}

function parse(received: string): [RawAnswer | undefined, number] {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return [undefined, 0];
  const head = received.slice(0, headEnd);
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  const end = headEnd + 4 + length;
  if (received.length < end) return [undefined, 0];
  return [{ status: Number(head.split(' ')[1]), head, body: received.slice(headEnd + 4, end) }, end];
}
