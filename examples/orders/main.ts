import { pathToFileURL } from 'node:url';
import { startOrdersApi } from './orders-api.ts';

export { type OrdersApi, startOrdersApi } from './orders-api.ts';

const help = `orders: an example REST API with example data, described by examples/orders/openapi.yaml.

Usage: node examples/orders/main.ts [--help]

Environment:
  ORDERS_PORT  port to listen on (default 8084)
  ORDERS_HOST  address to listen on (default 127.0.0.1)
`;

async function main(): Promise<void> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    process.stdout.write(help);
    return;
  }
  const port = process.env['ORDERS_PORT'] ?? '8084';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new Error(`ORDERS_PORT must be a port number, not '${port}'.`);
  const host = process.env['ORDERS_HOST'];
  const api = await startOrdersApi({ port: Number(port), ...(host && { host }) });
  console.log(`orders example: listening on ${api.url}`);
  const stop = (): void => void api.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error: unknown) => {
    console.error(`orders example: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  });
}
