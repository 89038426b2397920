import { createServer } from 'node:http';
import { startKongSimulator } from '@stoa/examples/kong-simulator/main.ts';

/** As recorded of a Kong 3.9.3: its Admin API answers in about 10 ms. */
const adminDelayMs = 10;

// A Kong for the benchmark of Connect: ADMIN_PORT is its Admin API, and PORT tells how often that was asked since it was told so last.
const kong = await startKongSimulator({ adminPort: Number(process.env['ADMIN_PORT']), proxyPort: 0, adminDelayMs });
createServer((request, response) => {
  const writes = kong.exchanges.filter(({ method }) => method !== 'GET').length;
  const counts = { reads: kong.exchanges.length - writes, writes };
  if (request.method === 'POST') kong.exchanges.length = 0;
  response.end(JSON.stringify(counts));
}).listen(Number(process.env['PORT']), '127.0.0.1');
process.once('SIGTERM', () => void kong.close().then(() => process.exit(0)));
