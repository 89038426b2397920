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
