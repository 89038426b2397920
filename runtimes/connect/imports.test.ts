import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

// ADR-057: Connect does not serve MCP. What it does not contain it cannot serve, so its whole bundle is looked through.
it('Connect contains nothing of MCP, of the Control Plane or of the examples', async () => {
  const { metafile } = await build({
    entryPoints: [join(import.meta.dirname, 'main.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.some((path) => path.endsWith('runtimes/connect/main.ts'))).toBe(true);
  const forbidden = /modelcontextprotocol|runtimes\/(mcp|gateway|link)\/|(^|\/)server\/(?!.*node_modules)|(^|\/)examples\/|(^|[/-])mcp([/.-]|$)/;
  expect(inputs.filter((path) => forbidden.test(path))).toEqual([]);
});

it('Connect reads nothing of what signs a person in while it runs: that is for enrolling alone', async () => {
  const { metafile } = await build({
    entryPoints: [join(import.meta.dirname, 'main.ts')],
    bundle: true,
    splitting: true,
    outdir: 'nowhere',
    platform: 'node',
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const all = new Map(Object.entries(metafile.outputs));
  const main = [...all].find(([, { entryPoint }]) => entryPoint?.endsWith('runtimes/connect/main.ts') === true)?.[0] ?? '';
  const read = new Set<string>();
  const visit = (file: string): void => {
    if (read.has(file)) return;
    read.add(file);
    for (const { path, kind } of all.get(file)?.imports ?? []) if (kind === 'import-statement') visit(path);
  };
  visit(main);
  const inputsOf = (files: Iterable<string>) => [...files].flatMap((file) => Object.keys(all.get(file)?.inputs ?? {}));
  const signingIn = /clients\/(auth|config)\/|openid-client|oauth4webapi|connect\/enroll/;
  expect(inputsOf(read).filter((path) => signingIn.test(path))).toEqual([]);
  expect(inputsOf(all.keys()).some((path) => signingIn.test(path))).toBe(true);
});
