import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundleDocument, mergeDocuments } from './generator/bundle.ts';
import { emitClient } from './generator/emit-client.ts';
import { emitHandlers } from './generator/emit-handlers.ts';
import { emitManifestSchema } from './generator/emit-manifest-schema.ts';
import { emitOperations } from './generator/emit-operations.ts';
import { emitPermissions } from './generator/emit-permissions.ts';
import { emitProductChoice } from './generator/emit-product-choice.ts';
import { emitRequests } from './generator/emit-requests.ts';
import { emitSchemas } from './generator/emit-schemas.ts';
import { emitTypes } from './generator/emit-types.ts';
import { emitValidators } from './generator/emit-validators.ts';
import { readRoles } from './generator/read-roles.ts';

const here = import.meta.dirname;

/**
 * Makes every generated file but Prisma's from the documents in this folder. The only writer of `generated/`.
 * Returns contents by file name; the same documents give the same bytes.
 */
export async function generate(): Promise<Map<string, string>> {
  const registration = await bundleDocument(join(here, 'registration.yaml'));
  const management = await bundleDocument(join(here, 'control-plane.yaml'));
  const runtime = await bundleDocument(join(here, 'runtime.yaml'));
  const controlPlane = mergeDocuments(registration, management, management.info);
  const manifests = await bundleDocument(join(here, 'manifests.yaml'));
  const validators = await emitValidators(controlPlane);
  const requests = await emitRequests(controlPlane);
  const json = (document: unknown) => `${JSON.stringify(document, null, 2)}\n`;
  const source = 'openapi/{registration,control-plane}.yaml';
  const files: [name: string, source: string, contents: string][] = [
    ['registration.openapi.json', 'openapi/registration.yaml', json(registration)],
    ['management.openapi.json', 'openapi/control-plane.yaml', json(management)],
    ['control-plane.openapi.json', source, json(controlPlane)],
    ['runtime.openapi.json', 'openapi/runtime.yaml', json(runtime)],
    ['control-plane.types.ts', source, await emitTypes(controlPlane)],
    ['runtime.types.ts', 'openapi/runtime.yaml', await emitTypes(runtime)],
    ['schemas.ts', source, emitSchemas(controlPlane, 'control-plane.types.ts')],
    ['operations.ts', source, emitOperations(controlPlane)],
    [
      'contract-revision.ts',
      'openapi/control-plane.yaml',
      `/** The revision of the contract that this code was made from. */\nexport const contractRevision = ${Number(management.info['x-stoa-revision'])};\n`,
    ],
    ['permissions.ts', 'openapi/roles.yaml and openapi/{registration,control-plane}.yaml', emitPermissions(controlPlane, readRoles())],
    ['manifests.schema.json', 'openapi/manifests.yaml', emitManifestSchema(manifests)],
    ['manifests.types.ts', 'openapi/manifests.yaml', await emitTypes(manifests)],
    ['product-choice.ts', 'openapi/product-choice.yaml', emitProductChoice()],
    ['runtime-operations.ts', 'openapi/runtime.yaml', emitOperations(runtime)],
    ['handlers.ts', source, emitHandlers(controlPlane, { name: 'ControlPlaneHandlers', typesFile: 'control-plane.types.ts' })],
    ['client.ts', source, emitClient(controlPlane)],
    ['validators.js', source, validators.code],
    ['validators.d.ts', source, validators.declarations],
    ['parameters.js', source, requests.parameters],
    ['parameters.d.ts', source, requests.declarations],
    ['requests.ts', source, requests.table],
  ];
  return new Map(files.map(([name, from, contents]) => [name, name.endsWith('.json') ? contents : `${banner(from)}${contents}`]));
}

/** JSON knows no comments: for the documents, the README of `generated/` says the same. */
function banner(source: string): string {
  return `// DO NOT EDIT. Made from ${source} by openapi/generate.ts; remake with \`make generate\`.\n/* eslint-disable */\n`;
}

/** Names of the files in `outDir` that are not what the documents say, absent ones included. */
export async function findDrift(outDir: string): Promise<string[]> {
  const drifted: string[] = [];
  for (const [name, contents] of await generate()) {
    const present = await readFile(join(outDir, name), 'utf8').catch(() => undefined);
    if (present !== contents) drifted.push(name);
  }
  return drifted;
}

if (import.meta.main) {
  const outDir = join(here, '../generated');
  const files = await generate();
  for (const [name, contents] of files) {
    await mkdir(dirname(join(outDir, name)), { recursive: true });
    await writeFile(join(outDir, name), contents);
  }
  console.log(`generated/: ${files.size} files written`);
}
