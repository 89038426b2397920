import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../system/bench.ts';
import { answers, freePort } from '../system/processes.ts';
import { inPeers } from './install.ts';

/** Starts Express answering heartbeats with the same JSON, with no validation and no database. */
export async function startExpress(bench: Bench): Promise<{ url: string; pid: number }> {
  // It must lie beside the package that it imports.
  const program = inPeers('..', 'express-heartbeat.mjs');
  await copyFile(join(import.meta.dirname, 'express-heartbeat.mjs'), program);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { pid } = await bench.processes.start({
    name: 'express',
    command: process.execPath,
    args: [program],
    env: { PORT: String(port) },
    cores: bench.plan.cores?.subject,
    isReady: () => answers(`${url}/healthz`),
  });
  return { url, pid };
}
