import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExpectedError } from '@stoa/lib/errors.ts';
import type { WorkloadSpec } from '../load/job.ts';
import { itemsDocument } from '../subjects/items.ts';
import type { Bench } from '../system/bench.ts';
import { firstTool } from '../system/gateway.ts';
import { freePort } from '../system/processes.ts';
import { inPeers, named } from './install.ts';

export type RunningPeer = { name: string; pid: number; workload: Extract<WorkloadSpec, { kind: 'tools-call' }> };

type Recipe = {
  name: string /** The command that serves the document at `/mcp` of the port. */;
  args(port: number, spec: string, apiUrl: string): string[];
};

const cli = inPeers('@ivotoby/openapi-mcp-server/bin/mcp-server.js');
const overStdio = (spec: string, apiUrl: string): string[] => [
  cli,
  '--transport',
  'stdio',
  '--openapi-spec',
  spec,
  '--api-base-url',
  apiUrl,
  '--verbose',
  'false',
];
/** Arguments of a command as one word of a shell command line. */
const quoted = (args: readonly string[]): string => args.map((arg) => `'${arg}'`).join(' ');

// Each in the mode in which it is fastest: one session, processes made once, no store of events, no log. The HTTP transport of
// openapi-mcp-server itself answers on a second stream and not to the request, which no client of today's revisions reads.
const recipes: readonly Recipe[] = [
  {
    name: `${named('mcp-proxy')} + ${named('@ivotoby/openapi-mcp-server')}`,
    args: (port, spec, apiUrl) => [
      inPeers('mcp-proxy/dist/bin/mcp-proxy.mjs'),
      '--port',
      String(port),
      '--host',
      '127.0.0.1',
      '--server',
      'stream',
      '--no-eventStore',
      '--',
      process.execPath,
      ...overStdio(spec, apiUrl),
    ],
  },
  {
    name: `${named('supergateway')} + ${named('@ivotoby/openapi-mcp-server')}`,
    args: (port, spec, apiUrl) => [
      inPeers('supergateway/dist/index.js'),
      '--stdio',
      quoted([process.execPath, ...overStdio(spec, apiUrl)]),
      '--outputTransport',
      'streamableHttp',
      '--stateful',
      '--port',
      String(port),
      '--logLevel',
      'none',
    ],
  },
  { name: `${named('fastmcp')} (fromOpenAPI)`, args: () => [inPeers('..', 'fastmcp-openapi.mjs')] },
];

/** Starts every npm peer that turns an OpenAPI document into MCP over HTTP. What does not come up is told and left out. */
export async function startOpenApiPeers(
  bench: Bench,
  upstreamUrl: string,
  suffix: string,
  cores: readonly number[] | undefined,
): Promise<RunningPeer[]> {
  const spec = join(bench.dir, 'items.json');
  await writeFile(spec, JSON.stringify(itemsDocument(upstreamUrl)));
  // It must lie beside the packages that it imports.
  await copyFile(join(import.meta.dirname, 'fastmcp-openapi.mjs'), inPeers('..', 'fastmcp-openapi.mjs'));
  const running: RunningPeer[] = [];
  for (const [at, recipe] of recipes.entries()) {
    try {
      running.push(await startPeer(bench, recipe, `peer-${at}-${suffix}`, spec, upstreamUrl, cores));
    } catch (error) {
      console.log(`  ${recipe.name} is left out: ${(error as Error).message}`);
    }
  }
  return running;
}

async function startPeer(
  bench: Bench,
  { name, args }: Recipe,
  logName: string,
  spec: string,
  apiUrl: string,
  cores: readonly number[] | undefined,
): Promise<RunningPeer> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}/mcp`;
  let session: Session | undefined;
  const { pid } = await bench.processes.start({
    name: logName,
    command: process.execPath,
    args: args(port, spec, apiUrl),
    env: { PORT: String(port), SPEC: spec },
    cores,
    isReady: async () => (session = await initialize(endpoint)) !== undefined,
  });
  if (session === undefined) throw new ExpectedError('it made no session');
  const { revision, headers } = session;
  const tool = await firstTool(endpoint, { 'mcp-protocol-version': revision, ...headers });
  const workload = { kind: 'tools-call' as const, urls: [endpoint], tool, revision, headers };
  await bench.run({ connections: 1, workload, warmUpS: 0, seconds: 0.2 });
  return { name, pid, workload };
}

type Session = { revision: string; headers: Record<string, string> };

/** The handshake of the revisions before 2026-07-28. */
async function initialize(endpoint: string): Promise<Session | undefined> {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'stoa-bench', version: '1' } };
  const response = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params }) });
  const revision = /"protocolVersion":"([\d-]+)"/.exec(await response.text())?.[1];
  if (!response.ok || revision === undefined) return undefined;
  const id = response.headers.get('mcp-session-id');
  const session = { revision, headers: id === null ? {} : { 'mcp-session-id': id } };
  const initialized = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
  await (
    await fetch(endpoint, { method: 'POST', headers: { ...headers, ...session.headers, 'mcp-protocol-version': revision }, body: initialized })
  ).text();
  return session;
}
