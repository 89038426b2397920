import { readFileSync, readdirSync } from 'node:fs';
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

it('what every third-party gateway needs imports nothing of a single vendor: only the table of adapters does', () => {
  const neutral = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'adapters.ts');
  expect(neutral).toContain('apply.ts');
  expect(neutral.filter((file) => /from '\.\/[a-z-]+\//.test(readFileSync(join(import.meta.dirname, file), 'utf8')))).toEqual([]);
});
