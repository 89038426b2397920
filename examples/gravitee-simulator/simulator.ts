import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFaultQueue, type Fault } from '../kong-simulator/admin/faults.ts';
import { createGatewayServer } from './gateway/gateway-server.ts';
import { createManagementServer, type ManagementExchange } from './management/management-server.ts';
import { clearState, emptyState, type State } from './state.ts';

export type { Fault } from '../kong-simulator/admin/faults.ts';
export type { ManagementExchange } from './management/management-server.ts';

export interface GraviteeSimulatorOptions {
  /** 0 takes any free port. */
  managementPort: number;
  gatewayPort: number;
  /** The address to listen on; loopback when left out. */
  host?: string;
  /** Personal access tokens of an administrator. `admin` with the password `admin` is one besides. */
  tokens?: readonly string[];
  /** The header that carries keys. */
  apiKeyHeader?: string;
  /** Whether keys may be chosen: off when Gravitee is installed. */
  customApiKeys?: boolean;
  /** Where a target is, for tests whose target is no address. */
  resolve?: (target: URL) => URL;
  hasGateway?: () => boolean;
  /** The clock, for tests that replay what was recorded. */
  now?: () => number;
  /** Called after each request that may have changed something, before who made it is answered. */
  onChange?: () => void;
}

export interface GraviteeSimulator {
  managementUrl: string;
  gatewayUrl: string;
  /** The last 20 000 requests of the Management API, oldest first. Set its length to 0 to start counting again. */
  exchanges: ManagementExchange[];
  /** Makes coming requests of the Management API fail. Faults are used up in the order they were given. */
  failNext: (fault: Fault) => void;
  /** Takes back the faults that no request has met. */
  forgetFaults: () => void;
  /** What it holds now. */
  state: State;
  /** Takes away all that it holds, as a new database would. */
  clear: () => void;
  close: () => Promise<void>;
}

const maxExchanges = 20_000;

/** Starts a simulator of Gravitee APIM 4.10: its Management API and a gateway that follows it. It is not Gravitee. */
export async function startGraviteeSimulator(options: GraviteeSimulatorOptions): Promise<GraviteeSimulator> {
  const { host = '127.0.0.1', now = Date.now, tokens = [], apiKeyHeader = 'X-Gravitee-Api-Key', customApiKeys = false } = options;
  const state = emptyState({ newId: randomUUID, now, customApiKeys });
  const exchanges: ManagementExchange[] = [];
  const faults = createFaultQueue();
  const record = (exchange: ManagementExchange): void => {
    exchanges.push(exchange);
    if (exchanges.length > maxExchanges) exchanges.shift();
  };
  const changed = (): void => options.onChange?.();
  const management = createManagementServer({ state, faults, tokens, record, changed, hasGateway: options.hasGateway ?? (() => true) });
  const gateway = createGatewayServer({ state, apiKeyHeader, resolve: options.resolve ?? ((target) => target) });
  const managementPort = await listen(management, options.managementPort, host);
  let gatewayPort = 0;
  try {
    gatewayPort = await listen(gateway, options.gatewayPort, host);
  } catch (error) {
    await stop(management);
    throw error;
  }
  return {
    managementUrl: `http://${host}:${managementPort}`,
    gatewayUrl: `http://${host}:${gatewayPort}`,
    exchanges,
    failNext: faults.add,
    forgetFaults: faults.forget,
    state,
    clear: () => clearState(state),
    close: async () => void (await Promise.all([stop(management), stop(gateway)])),
  };
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
