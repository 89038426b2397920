import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from '../packages/tools.ts';

/** HELM names another one than that of the PATH. */
const program = process.env['HELM'] ?? 'helm';
/** A namespace that every cluster has, for one that judges. */
const release = ['--namespace', 'default', '--kube-version', '1.34.0'] as const;

export const helm = (...args: string[]): Promise<string> => runTool(program, args, { package: 'helm, or download it from helm.sh' });

/** What a chart makes of these values, tests and hooks included, as the text of a stream of YAML documents. */
export async function render(chart: string, name: string, values: object): Promise<string> {
  const file = join(tmpdir(), `stoa-values-${randomUUID()}.json`);
  await writeFile(file, JSON.stringify(values));
  try {
    return await helm('template', name, chart, ...release, '--values', file);
  } finally {
    await rm(file);
  }
}
