import { createServer } from 'node:http';
import { itemCount, itemOf, itemPath } from './items.ts';

// The REST API that everything measured calls: as fast as node:http can be, so that it is not what limits.
const answers = new Map(
  Array.from({ length: itemCount }, (_, id) => [itemPath(id), Buffer.from(JSON.stringify(itemOf(id)))] as const).flatMap(([path, body]) => [
    [path, body],
    [path.replace(/\?.*/, ''), body],
  ]),
);

createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  const body = answers.get(request.url ?? '');
  if (body === undefined) {
    response.writeHead(404, { 'content-type': 'application/problem+json' }).end('{"title":"Not found","status":404}');
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}).listen(Number(process.env['PORT']), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
