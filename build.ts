import { build } from 'esbuild';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const here = import.meta.dirname;

/** The programs that are shipped, by the name of their launcher in bin/. */
export const programs = {
  'stoa-control-plane': 'server/main.ts',
  'stoa-gateway': 'runtimes/gateway/main.ts',
  'stoa-link': 'runtimes/link/main.ts',
  'stoa-connect': 'runtimes/connect/main.ts',
};

/** Threads of programs, which look for them beside themselves. */
const workers = { 'compile-worker': 'server/catalog/compile/compile-worker.ts' };

/**
 * Bundles each program into one file of our own code; packages stay where npm put them. The file lies one folder below the root, as the
 * sources do, so that what a program finds by its own place is found from either.
 */
export async function buildPrograms(): Promise<void> {
  await rm(`${here}/dist`, { recursive: true, force: true });
  await build({
    entryPoints: Object.fromEntries(Object.entries({ ...programs, ...workers }).map(([name, source]) => [name, `${here}/${source}`])),
    outdir: `${here}/dist`,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: false,
    platform: 'node',
    target: 'node22.12',
    format: 'esm',
    // For debuggers. Programs run without --enable-source-maps, which would cost each 30 MB: the bundles are not minified and read well.
    sourcemap: 'linked',
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [
      {
        name: 'our-packages-in-others-out',
        setup({ onResolve }) {
          onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
            if (kind === 'entry-point' || path.startsWith('@stoa/')) return undefined;
            return { path, external: true };
          });
        },
      },
    ],
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPrograms();
