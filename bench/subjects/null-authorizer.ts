import { createServer } from 'node:http';

// The least that a gateway may ask in Node.js: yes, to every question.
createServer({ keepAliveTimeout: 600_000 }, (_request, response) => {
  response.writeHead(200, { 'content-length': 0 });
  response.end();
}).listen(Number(process.env['PORT']), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
