import type { Socket } from 'node:net';

/** What a PostgreSQL reports: when one connects to it, or at each statement; `FATAL` ends the connection. */
export type ServerFault = { code: string; message: string; at: 'connect' | 'statement'; severity?: 'ERROR' | 'FATAL' };

const sslRequest = 80_877_103;
const query = 'Q'.charCodeAt(0);
const sync = 'S'.charCodeAt(0);

/** Speaks PostgreSQL's protocol 3.0 ("Message Formats") to one client: lets everybody in and reports the fault. */
export function answerAsFaultyServer(socket: Socket, fault: ServerFault): void {
  let received = Buffer.alloc(0);
  let isIn = false;
  const report = () => {
    const severity = fault.at === 'connect' ? 'FATAL' : (fault.severity ?? 'ERROR');
    const fields = [`S${severity}`, `V${severity}`, `C${fault.code}`, `M${fault.message}`].map((field) => `${field}\0`).join('');
    socket.write(message('E', Buffer.from(`${fields}\0`)));
    if (severity === 'FATAL') socket.end();
    else socket.write(readyForQuery);
  };
  const startUp = (code: number) => {
    if (code === sslRequest) return void socket.write('N');
    isIn = true;
    if (fault.at === 'connect') report();
    else socket.write(Buffer.concat([message('R', Buffer.alloc(4)), readyForQuery]));
  };
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (;;) {
      // The first message has no type, every later one has.
      const header = isIn ? 1 : 0;
      if (received.length < header + 4) return;
      const end = header + received.readUInt32BE(header);
      if (received.length < end) return;
      const [type, code] = [received[0], isIn ? 0 : received.readUInt32BE(4)];
      received = received.subarray(end);
      if (!isIn) startUp(code);
      else if (type === query || type === sync) report();
    }
  });
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const readyForQuery = message('Z', Buffer.from('I'));
