import { createServer } from 'node:http';

// Takes whatever it is sent and says that it has it, as a collector of OpenTelemetry that has nothing else to do.
createServer((request, response) => {
  request.resume().once('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
}).listen(Number(process.env['PORT']), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
