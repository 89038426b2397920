import { createServer } from 'node:net';
import { once } from 'node:events';
import { ConfigurationError, ExpectedError } from '@stoa/lib/settings.ts';

/** Every port of the system, the variable that changes it, and its default. */
const table = {
  control_plane: { env: 'CONTROL_PLANE_PORT', port: 8080, what: 'the Control Plane and the Console' },
  gateway: { env: 'GATEWAY_PORT', port: 8081, what: 'the Gateway' },
  link: { env: 'LINK_PORT', port: 8082, what: 'the Link' },
  connect: { env: 'CONNECT_PORT', port: 8083, what: 'the Connect' },
  orders: { env: 'ORDERS_PORT', port: 8084, what: 'the example API' },
  kong_admin: { env: 'KONG_ADMIN_PORT', port: 8085, what: "the Kong simulator's admin API" },
  support: { env: 'SUPPORT_PORT', port: 8087, what: 'the example MCP server' },
  kong_proxy: { env: 'KONG_PROXY_PORT', port: 8086, what: "the Kong simulator's proxy" },
} as const;

export type Ports = Record<keyof typeof table, number>;

export const portVariables = Object.values(table)
  .map(({ env, port, what }) => `  ${env.padEnd(20)} ${what} (${port})`)
  .join('\n');

/** The ports from the environment. Throws `ConfigurationError` naming every variable that is no port, or that names another's. */
export function readPorts(env: NodeJS.ProcessEnv): Ports {
  const faults: string[] = [];
  const taken = new Map<number, string>();
  const ports = Object.fromEntries(
    Object.entries(table).map(([name, { env: variable, port }]) => {
      const value = Number(env[variable] ?? port);
      if (!Number.isInteger(value) || value < 1 || value > 65_535) faults.push(`${variable} must be a port from 1 to 65535`);
      else if (taken.has(value)) faults.push(`${variable} is ${value}, and so is ${taken.get(value)}: give each a port of its own`);
      taken.set(value, variable);
      return [name, value];
    }),
  );
  if (faults.length > 0) throw new ConfigurationError(faults);
  return ports as Ports;
}

/** Throws one sentence for each port that another program holds: told one by one, they would cost a start each. */
export async function requireFreePorts(ports: Ports): Promise<void> {
  const taken: string[] = [];
  for (const [name, { env, what }] of Object.entries(table)) {
    const port = ports[name as keyof Ports];
    if (await isFree(port)) continue;
    taken.push(`Port ${port}, for ${what}, is taken: stop the program that holds it, or run \`${env}=<another> make up\`.`);
  }
  if (taken.length > 0) throw new ExpectedError(taken.join('\n'));
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    const listening = once(probe, 'listening');
    probe.listen({ host: '127.0.0.1', port, exclusive: true });
    await listening;
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}
