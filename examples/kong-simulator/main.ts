import { pathToFileURL } from 'node:url';
import { type KongSimulatorOptions, startKongSimulator } from './simulator.ts';

export { type AdminExchange, type Fault, type KongSimulator, type KongSimulatorOptions, startKongSimulator } from './simulator.ts';

const help = `Kong simulator: copies the Admin API and the proxy of Kong Gateway 3.9.3 in database mode. It is not Kong.

Usage: node examples/kong-simulator/main.ts [--help]

Environment:
  KONG_SIMULATOR_ADMIN_PORT      port of the Admin API (default 8001)
  KONG_SIMULATOR_PROXY_PORT      port of the proxy (default 8000)
  KONG_SIMULATOR_HOST            address to listen on (default 127.0.0.1; the Admin API has no authentication)
  KONG_SIMULATOR_STATE_FILE      JSON file that keeps what was configured (default: nothing is kept)
  KONG_SIMULATOR_DATABASE        off for a node that takes its configuration as a whole (default: one with a database)
  KONG_SIMULATOR_PROXY_DELAY_MS  time until the proxy follows a change (default 0; up to 5000 on a real Kong)
`;

/** @throws when a variable is not a whole number in its range. */
function readOptions(env: NodeJS.ProcessEnv): KongSimulatorOptions {
  const number = (name: string, fallback: number, max: number): number => {
    const text = env[name] ?? String(fallback);
    if (!/^\d+$/.test(text) || Number(text) > max) throw new Error(`${name} must be a whole number from 0 to ${max}, not '${text}'.`);
    return Number(text);
  };
  return {
    adminPort: number('KONG_SIMULATOR_ADMIN_PORT', 8001, 65_535),
    proxyPort: number('KONG_SIMULATOR_PROXY_PORT', 8000, 65_535),
    proxyDelayMs: number('KONG_SIMULATOR_PROXY_DELAY_MS', 0, 60_000),
    ...(env['KONG_SIMULATOR_DATABASE'] === 'off' && { database: 'off' as const }),
    ...(env['KONG_SIMULATOR_HOST'] && { host: env['KONG_SIMULATOR_HOST'] }),
    ...(env['KONG_SIMULATOR_STATE_FILE'] && { stateFile: env['KONG_SIMULATOR_STATE_FILE'] }),
  };
}

async function main(): Promise<void> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    process.stdout.write(help);
    return;
  }
  const simulator = await startKongSimulator(readOptions(process.env));
  console.log(`kong simulator: Admin API on ${simulator.adminUrl}, proxy on ${simulator.proxyUrl}`);
  const stop = (): void => void simulator.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error: unknown) => {
    console.error(`kong simulator: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  });
}
