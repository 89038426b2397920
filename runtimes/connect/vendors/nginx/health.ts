import { isAbsolute, join } from 'node:path';
import { certificateIn } from '../../engine/health.ts';
import type { Certificate, GatewayHealth } from '../../engine/health.ts';
import { faultOfDump, mainFileOf } from './probe.ts';
import type { NginxTools } from './tools.ts';

/**
 * How an nginx is: whether it would start again with what lies there, whether it answers where a file of ours has it say its generation, and the certificates of its
 * servers, as far as they can be read. It counts no answers by their status.
 */
export async function nginxHealth(
  tools: Pick<NginxTools, 'dump' | 'generation' | 'readFile'>,
  url: string,
  signal: AbortSignal,
): Promise<GatewayHealth> {
  const { code, said } = await tools.dump();
  if (code !== 0)
    return { ready: false, reason: `nginx does not take its own configuration, so that it would not start again: ${faultOfDump(said)}.` };
  const certificates = await certificatesIn(said, tools);
  const { hostname, port } = new URL(url);
  const isAsked = said.includes(`listen ${hostname}:${port === '' ? '80' : port};`);
  if (!isAsked) return { certificates };
  const answers = (await tools.generation(signal)) !== undefined;
  return {
    ready: answers,
    ...(!answers && { reason: `nginx does not answer at ${url}/generation: it does not run, or was not reloaded.` }),
    certificates,
  };
}

/** Files that are looked into at most. */
const maxFiles = 100;

async function certificatesIn(dump: string, tools: Pick<NginxTools, 'readFile'>): Promise<Certificate[]> {
  const folder = join(mainFileOf(dump), '..');
  const lines = dump.split('\n').filter((line) => !line.trimStart().startsWith('#'));
  const named = lines.flatMap((line) => [...line.matchAll(/(?<![\w$])ssl_certificate\s+"?([^";$]+)"?\s*;/g)].map(([, path = '']) => path.trim()));
  // What is chosen by a variable, or held by an engine, is no file.
  const files = [...new Set(named.filter((path) => !/^(?:data|engine|store):/.test(path)))].slice(0, maxFiles);
  const found = await Promise.all(files.map(async (path) => certificateIn(path, await tools.readFile(isAbsolute(path) ? path : join(folder, path)))));
  return found.flat();
}
