import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ExpectedError } from '@stoa/lib/errors.ts';
import type { WorkloadSpec } from '../load/job.ts';
import { itemsDocument } from '../subjects/items.ts';
import type { Bench } from '../system/bench.ts';
import { firstTool } from '../system/gateway.ts';
import { freePort } from '../system/processes.ts';

const version = '4.2.3';
export const fastmcpName = `fastmcp ${version} for Python (from_openapi, JWTVerifier)`;
const packages = join(import.meta.dirname, '../.peers/python');
const run = promisify(execFile);

type Given = { readonly upstreamUrl: string; readonly issuer: string; readonly audience: string; readonly token: string };
export type RunningFastmcp = { pids: number[]; workload: Extract<WorkloadSpec, { kind: 'tools-call' }> };

/** Starts it with its own check of tokens. Throws, with the remedy, where Python or its packages are not to be had. */
export async function startFastmcp(bench: Bench, { upstreamUrl, issuer, audience, token }: Given): Promise<RunningFastmcp> {
  await install();
  const spec = join(bench.dir, 'items-of-fastmcp.json');
  await writeFile(spec, JSON.stringify(itemsDocument(upstreamUrl)));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}/mcp`;
  const { pid } = await bench.processes.start({
    name: 'fastmcp',
    command: 'python3',
    args: [join(import.meta.dirname, 'fastmcp-jwt.py')],
    env: {
      PYTHONPATH: packages,
      PORT: String(port),
      SPEC: spec,
      UPSTREAM_URL: upstreamUrl,
      ISSUER: issuer,
      JWKS_URI: `${issuer}/keys`,
      AUDIENCE: audience,
    },
    cores: bench.plan.cores?.subject,
    isReady: async () => (await fetch(endpoint)).status === 401,
  });
  const headers = { authorization: `Bearer ${token}` };
  const tool = await firstTool(endpoint, headers);
  const workload = { kind: 'tools-call' as const, urls: [endpoint], tool, revision: '2025-11-25', headers };
  await bench.run({ connections: 1, workload, warmUpS: 0, seconds: 0.5 });
  return { pids: [pid], workload };
}

async function install(): Promise<void> {
  if (existsSync(join(packages, `fastmcp-${version}.dist-info`))) return;
  console.log('  installing fastmcp for Python into bench/.peers …');
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', packages, '--upgrade', `fastmcp==${version}`];
  await run('python3', args, { timeout: 300_000 }).catch((error: Error) => {
    throw new ExpectedError(`python3 -m pip cannot install fastmcp ${version}: ${error.message.split('\n')[0]}`);
  });
}
