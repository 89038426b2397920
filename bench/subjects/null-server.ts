import { createServer } from 'node:net';
import { itemCount, itemOf } from './items.ts';

// Answers without parsing HTTP: nothing in Node.js is faster, so it tells what the load generator can do. It relies on requests for items
// that arrive whole, and one at a time on each connection.
const answers = Array.from({ length: itemCount }, (_, id) => {
  const body = JSON.stringify(itemOf(id));
  return Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
});
const idAt = 'GET /items/'.length;

createServer({ noDelay: true }, (socket) => {
  socket.on('data', (data) => socket.write(answers[Number.parseInt(data.toString('latin1', idAt, idAt + 3), 10)] ?? Buffer.alloc(0)));
  socket.on('error', () => socket.destroy());
}).listen(Number(process.env['PORT']), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
