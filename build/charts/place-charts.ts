import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { yaml } from '@stoa/lib/yaml.ts';
import { emptyFolder } from '../packages/place-files.ts';

export const helmFolder = join(import.meta.dirname, '../../deploy/helm');
/** In the order in which one needs the other. `stoa-common` is a library. */
export const chartNames = ['stoa-control-plane', 'stoa-gateway', 'stoa-link', 'stoa-connect', 'stoa'] as const;
export type ChartName = (typeof chartNames)[number];

type Manifest = { readonly version: string; readonly dependencies?: readonly { readonly name: string }[] };

/** Puts a chart with all that it depends on into a folder: what `helm dependency build` would do, which asks for a lock and writes into the repository. */
export async function placeChart(name: string, into: string): Promise<string> {
  const folder = join(into, name);
  await emptyFolder(folder);
  await cp(join(helmFolder, name), folder, { recursive: true, filter: (path) => !path.endsWith('/charts') });
  const manifest = await readManifest(folder);
  for (const dependency of manifest.dependencies ?? []) await placeChart(dependency.name, join(folder, 'charts'));
  return folder;
}

async function readManifest(folder: string): Promise<Manifest> {
  const found: unknown = yaml().parse(await readFile(join(folder, 'Chart.yaml'), 'utf8'));
  if (typeof found !== 'object' || found === null || !('version' in found)) throw new ExpectedError(`${folder}/Chart.yaml has no version.`);
  return found as Manifest;
}
