import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AdminExchange, createAdminServer } from './admin/admin-server.ts';
import { createFaultQueue, type Fault } from './admin/faults.ts';
import { openStateFile, readState, type StateFile } from './admin/state-file.ts';
import { Store, type Tables } from './admin/store.ts';
import { createProxyServer, type ProxyView } from './proxy/proxy-server.ts';
import { buildRouter } from './proxy/router.ts';

export type { AdminExchange } from './admin/admin-server.ts';
export type { Fault } from './admin/faults.ts';

export interface KongSimulatorOptions {
  /** 0 takes any free port. */
  adminPort: number;
  proxyPort: number;
  /** The address to listen on; loopback when left out, because the Admin API has no authentication. */
  host?: string;
  /** Keeps what was configured in this file. Without it everything is forgotten at the end. */
  stateFile?: string;
  /** The proxy takes a change over this long after it was made: up to 5000 on a real Kong, 0 when left out. */
  proxyDelayMs?: number;
  /** Waits this long before each Admin API answer: about 10 on a real Kong, 0 when left out. */
  adminDelayMs?: number;
  /** `off`: a node that takes its configuration as a whole. */
  database?: 'off';
  /** The clock and the ids, for tests that replay what was recorded. */
  now?: () => number;
  newId?: () => string;
  /** Called after each change, before who made it is answered. */
  onChange?: () => void;
}

export interface KongSimulator {
  adminUrl: string;
  proxyUrl: string;
  /** The last 20 000 Admin API requests, oldest first. Set its length to 0 to start counting again. */
  exchanges: AdminExchange[];
  /** Makes coming Admin API requests fail. Faults are used up in the order they were given. */
  failNext: (fault: Fault) => void;
  /** Takes back the faults that no request has met. */
  forgetFaults: () => void;
  /** Has the proxy take over what was written, without waiting. */
  followNow: () => void;
  /** What it holds now. */
  tables: () => Tables;
  /** Takes away all that it holds, as a new database would. */
  clear: () => void;
  /** Stops both ports and leaves the state file complete. */
  close: () => Promise<void>;
}

const maxExchanges = 20_000;

/** Starts a simulator of Kong Gateway 3.9.3 in database mode: its Admin API and a proxy that follows it. It is not Kong. */
export async function startKongSimulator(options: KongSimulatorOptions): Promise<KongSimulator> {
  const { host = '127.0.0.1', proxyDelayMs = 0, newId = randomUUID, now = Date.now } = options;
  const exchanges: AdminExchange[] = [];
  const faults = createFaultQueue();
  let stateFile: StateFile | undefined;
  let view: ProxyView | undefined;
  let takeOver: NodeJS.Timeout | undefined;

  const store = new Store(options.stateFile === undefined ? {} : readState(options.stateFile), () => {
    options.onChange?.();
    stateFile?.save();
    if (proxyDelayMs === 0) view = undefined;
    else takeOver ??= setTimeout(takeOverNow, proxyDelayMs).unref();
  });
  function takeOverNow(): void {
    clearTimeout(takeOver);
    view = undefined;
    takeOver = undefined;
    currentView();
  }
  if (options.stateFile !== undefined) stateFile = openStateFile(options.stateFile, () => store.snapshot());
  const currentView = (): ProxyView => {
    const tables = view?.tables ?? store.snapshot();
    return (view ??= { tables, router: buildRouter(tables) });
  };
  currentView();

  const declarative = { hash: '0'.repeat(32) };
  const node = { store, newId, now, ...(options.database === 'off' && { declarative }) };
  const ports = { adminPort: 0, proxyPort: 0 };
  const record = (exchange: AdminExchange): void => {
    exchanges.push(exchange);
    if (exchanges.length > maxExchanges) exchanges.shift();
  };
  const admin = createAdminServer({ node, ports: () => ports, faults, record, delayMs: options.adminDelayMs ?? 0 });
  const proxy = createProxyServer({ view: currentView, newId, now, proxyPort: () => ports.proxyPort });
  ports.adminPort = await listen(admin, options.adminPort, host);
  try {
    ports.proxyPort = await listen(proxy, options.proxyPort, host);
  } catch (error) {
    await stop(admin);
    throw error;
  }
  return {
    adminUrl: `http://${host}:${ports.adminPort}`,
    proxyUrl: `http://${host}:${ports.proxyPort}`,
    exchanges,
    failNext: faults.add,
    forgetFaults: faults.forget,
    followNow: takeOverNow,
    tables: () => store.snapshot(),
    clear: () => {
      declarative.hash = '0'.repeat(32);
      store.clear();
    },
    close: async () => {
      clearTimeout(takeOver);
      await Promise.all([stop(admin), stop(proxy)]);
      await stateFile?.flush();
    },
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
