import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Builds the Console from its sources into a directory of its own: a test must never pass on yesterday's build. */
export async function buildConsole(): Promise<{ directory: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'stoa-console-'));
  // Tests run what is shipped: React as in production, whatever the environment of tests is called.
  const environment = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    await build({
      configFile: fileURLToPath(new URL('../../clients/web/vite.config.ts', import.meta.url)),
      logLevel: 'error',
      build: { outDir: directory, emptyOutDir: true },
    });
  } finally {
    process.env['NODE_ENV'] = environment;
  }
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}
