import { pathToFileURL } from 'node:url';
import { startWebmethodsSimulator } from './simulator.ts';

export { type WebmethodsSimulator, type WebmethodsSimulatorOptions, startWebmethodsSimulator } from './simulator.ts';

const help = `webMethods simulator: what documents say of the REST API of webMethods API Gateway 10.15. It is not webMethods, and nobody has held it against the real one.

Usage: node examples/webmethods-simulator/main.ts [--help]

Environment:
  WEBMETHODS_SIMULATOR_PORT      port of the REST API (/rest/apigateway) and of the gateway (/gateway) (default 5555)
  WEBMETHODS_SIMULATOR_HOST      address to listen on (default 127.0.0.1)
  WEBMETHODS_SIMULATOR_PASSWORD  password of the user Administrator (default manage)
`;

async function main(): Promise<void> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    process.stdout.write(help);
    return;
  }
  const text = process.env['WEBMETHODS_SIMULATOR_PORT'] ?? '5555';
  if (!/^\d+$/.test(text) || Number(text) > 65_535) throw new Error(`WEBMETHODS_SIMULATOR_PORT must be a port, not '${text}'.`);
  const [host, password] = [process.env['WEBMETHODS_SIMULATOR_HOST'], process.env['WEBMETHODS_SIMULATOR_PASSWORD']];
  const simulator = await startWebmethodsSimulator({ port: Number(text), ...(host && { host }), ...(password && { password }) });
  console.log(`webmethods simulator: REST API and gateway on ${simulator.url}`);
  const stop = (): void => void simulator.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error: unknown) => {
    console.error(`webmethods simulator: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  });
}
