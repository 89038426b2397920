import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

const crlfCrlf = Buffer.from('\r\n\r\n');
/** An interim answer of any kind but a change of protocols (RFC 9110 §15.2): nobody here needs them. */
const beginning = /^HTTP\/1\.[01] 1(?!01)\d\d/;
/** As long as what `beginning` decides on. */
const enough = 12;
/** More head than any interim answer has. */
const maxHeadBytes = 16 * 1024;

let isListening = false;

/**
 * Has all connections of undici pass over interim answers. Some servers send `100 Continue` unasked, which RFC 9110 §15.2 has a client ignore, and
 * undici takes it for the end of the connection. Its diagnostics channel tells of every connection, straight or through a proxy.
 */
export function passOverUnaskedContinue(): void {
  if (isListening) return;
  isListening = true;
  subscribe('undici:client:connected', (message) => {
    const { socket } = message as { socket: Socket & { alpnProtocol?: string | false | null } };
    if (socket.alpnProtocol !== 'h2') skipContinue(socket);
  });
}

/**
 * Looks for interim answers between the writing of a request and the head of its answer only, so that a body may hold what it likes; undici has one
 * request on a connection at a time.
 */
function skipContinue(socket: Socket): void {
  const read = socket.read.bind(socket) as () => Buffer | null;
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  let expectsHead = true;
  let held: Buffer | undefined;
  socket.read = (): Buffer | null => {
    for (;;) {
      const chunk = read();
      if (!expectsHead || chunk === null) return chunk;
      let bytes = held === undefined ? chunk : Buffer.concat([held, chunk]);
      held = undefined;
      for (let verdict = judge(bytes); verdict !== 'incomplete'; verdict = judge(bytes)) {
        if (verdict === 'answer') {
          expectsHead = false;
          return bytes;
        }
        bytes = bytes.subarray(verdict);
      }
      held = bytes;
    }
  };
  socket.write = (...args: unknown[]) => {
    expectsHead = true;
    return write(...args);
  };
}

/** Whether bytes begin the answer itself, or the length of the interim answer that they begin with. */
function judge(bytes: Buffer): number | 'answer' | 'incomplete' {
  // The first digit of the status: all but a few answers are told by it.
  if (bytes.length >= enough && bytes[9] !== 0x31) return 'answer';
  const start = bytes.toString('latin1', 0, enough);
  if (start.length < enough && 'HTTP/1.1 1'.startsWith(start.slice(0, 10).replace('HTTP/1.0', 'HTTP/1.1'))) return 'incomplete';
  if (!beginning.test(start)) return 'answer';
  const end = bytes.indexOf(crlfCrlf);
  if (end >= 0) return end + crlfCrlf.length;
  return bytes.length < maxHeadBytes ? 'incomplete' : 'answer';
}
