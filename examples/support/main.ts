import { startSupportServer } from './support-server.ts';

const help = `support: an example MCP server with example data.

Usage: node examples/support/main.ts [--help]

Environment:
  SUPPORT_PORT  port to listen on (default 8087)
  SUPPORT_HOST  address to listen on (default 127.0.0.1)
`;

async function main(): Promise<void> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    process.stdout.write(help);
    return;
  }
  const port = process.env['SUPPORT_PORT'] ?? '8087';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new Error(`SUPPORT_PORT must be a port number, not '${port}'.`);
  const host = process.env['SUPPORT_HOST'];
  const server = await startSupportServer({ port: Number(port), ...(host && { host }) });
  console.log(`support example: listening on ${server.url}`);
  const stop = (): void => void server.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

main().catch((error: unknown) => {
  console.error(`support example: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
