import { pathToFileURL } from 'node:url';
import { type GraviteeSimulatorOptions, startGraviteeSimulator } from './simulator.ts';

export { type GraviteeSimulator, type GraviteeSimulatorOptions, startGraviteeSimulator } from './simulator.ts';

const help = `Gravitee simulator: copies the Management API and the gateway of Gravitee APIM 4.10.9. It is not Gravitee.

Usage: node examples/gravitee-simulator/main.ts [--help]

Environment:
  GRAVITEE_SIMULATOR_MANAGEMENT_PORT  port of the Management API (default 8083)
  GRAVITEE_SIMULATOR_GATEWAY_PORT     port of the gateway (default 8082)
  GRAVITEE_SIMULATOR_HOST             address to listen on (default 127.0.0.1)
  GRAVITEE_SIMULATOR_TOKEN            personal access token of an administrator (default: only admin with the password admin)
  GRAVITEE_SIMULATOR_API_KEY_HEADER   header that carries keys (default X-Gravitee-Api-Key)
  GRAVITEE_SIMULATOR_CUSTOM_API_KEYS  true to let keys be chosen (default false, as in a new Gravitee)
`;

/** @throws when a port is not a whole number in its range. */
function readOptions(env: NodeJS.ProcessEnv): GraviteeSimulatorOptions {
  const port = (name: string, fallback: number): number => {
    const text = env[name] ?? String(fallback);
    if (!/^\d+$/.test(text) || Number(text) > 65_535) throw new Error(`${name} must be a port, not '${text}'.`);
    return Number(text);
  };
  return {
    managementPort: port('GRAVITEE_SIMULATOR_MANAGEMENT_PORT', 8083),
    gatewayPort: port('GRAVITEE_SIMULATOR_GATEWAY_PORT', 8082),
    customApiKeys: env['GRAVITEE_SIMULATOR_CUSTOM_API_KEYS'] === 'true',
    ...(env['GRAVITEE_SIMULATOR_HOST'] && { host: env['GRAVITEE_SIMULATOR_HOST'] }),
    ...(env['GRAVITEE_SIMULATOR_TOKEN'] && { tokens: [env['GRAVITEE_SIMULATOR_TOKEN']] }),
    ...(env['GRAVITEE_SIMULATOR_API_KEY_HEADER'] && { apiKeyHeader: env['GRAVITEE_SIMULATOR_API_KEY_HEADER'] }),
  };
}

async function main(): Promise<void> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    process.stdout.write(help);
    return;
  }
  const simulator = await startGraviteeSimulator(readOptions(process.env));
  console.log(`gravitee simulator: Management API on ${simulator.managementUrl}, gateway on ${simulator.gatewayUrl}`);
  const stop = (): void => void simulator.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error: unknown) => {
    console.error(`gravitee simulator: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  });
}
