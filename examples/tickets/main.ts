import { startTicketsServer } from './tickets-server.ts';

const help = `tickets: an example MCP server with example data.

Usage: node examples/tickets/main.ts [--help]

Environment:
  TICKETS_PORT  port to listen on (default 8087)
  TICKETS_HOST  address to listen on (default 127.0.0.1)
`;

async function main(): Promise<void> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    process.stdout.write(help);
    return;
  }
  const port = process.env['TICKETS_PORT'] ?? '8087';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new Error(`TICKETS_PORT must be a port number, not '${port}'.`);
  const host = process.env['TICKETS_HOST'];
  const server = await startTicketsServer({ port: Number(port), ...(host && { host }) });
  console.log(`tickets example: listening on ${server.url}`);
  const stop = (): void => void server.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

main().catch((error: unknown) => {
  console.error(`tickets example: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
