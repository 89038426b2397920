import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conformAgent } from '@stoa/conformance-kit/agent.ts';
import { conformControlPlane } from '@stoa/conformance-kit/control-plane.ts';
import type { CaseResult } from '@stoa/conformance-kit/results.ts';
import type { Mutant } from './mutants.ts';
import type { startClient as StartClient } from './reference/client.ts';
import type { startServer as StartServer } from './reference/server.ts';

const keys = { gatewayKey: 'stoa_gk_the-first-tenant', adminToken: 'stoa_op_the-operator', otherTenantKey: 'stoa_gk_the-other-tenant' };
type Part = Pick<Mutant, 'of' | 'intervalS'> & Partial<Pick<Mutant, 'from' | 'to'>>;

/** The source of a reference with one mistake in it. Throws where the place of the mistake is not there exactly once. */
export async function sourceOf({ of, from, to = '' }: Part): Promise<string> {
  const text = await readFile(join(import.meta.dirname, 'reference', `${of}.ts`), 'utf8');
  if (from === undefined) return text;
  // However the reference is formatted.
  const place = new RegExp(
    from
      .trim()
      .split(/\s+/)
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
      .join('\\s+'),
    'g',
  );
  const places = text.match(place) ?? [];
  if (places.length !== 1) throw new Error(`${JSON.stringify(from)} stands in ${of}.ts ${places.length} times.`);
  return text.replace(place, () => to);
}

/** Runs the kit at level full against a reference, with a mistake or without; answers what came of each case. */
export async function tryMutant(part: Part, stopsAtFailure: boolean): Promise<CaseResult[]> {
  const directory = await mkdtemp(join(tmpdir(), 'stoa-mutant-'));
  try {
    const file = join(directory, `${part.of}.ts`);
    await writeFile(file, await sourceOf(part));
    return part.of === 'server' ? await againstServer(file, part.intervalS ?? 30, stopsAtFailure) : await againstClient(file, stopsAtFailure);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function againstServer(file: string, intervalS: number, stopsAtFailure: boolean): Promise<CaseResult[]> {
  const { startServer } = (await import(file)) as { startServer: typeof StartServer };
  const server = await startServer({ ...keys, intervalS });
  try {
    return await conformControlPlane({ url: server.url, ...keys }, 'full', { stopsAtFailure });
  } finally {
    await server.close();
  }
}

async function againstClient(file: string, stopsAtFailure: boolean): Promise<CaseResult[]> {
  const { startClient } = (await import(file)) as { startClient: typeof StartClient };
  const { results } = await conformAgent({ name: 'connect', launch: (env) => startClient(env), host: '127.0.0.1', port: 0 }, 'full', {
    stopsAtFailure,
  });
  return results;
}
