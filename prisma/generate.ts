import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');

/**
 * Runs `prisma generate` without a network: Prisma would fetch an engine from a host of its own, which `generate` does not need.
 * `outDir` is replaced.
 */
export function generatePrismaClient(outDir: string): void {
  // The output path is part of the schema and of what is generated: another place is reached through a copy of the schema, laid out
  // as here; inside the repository, so that Prisma finds its packages.
  const work = mkdtempSync(join(root, 'node_modules/.prisma-generate-'));
  try {
    const schemaFile = join(work, 'prisma/schema.prisma');
    mkdirSync(join(work, 'prisma'));
    copyFileSync(join(root, 'prisma/schema.prisma'), schemaFile);
    execFileSync(join(root, 'node_modules/.bin/prisma'), ['generate', '--schema', schemaFile], {
      cwd: root,
      env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    rmSync(outDir, { recursive: true, force: true });
    mkdirSync(outDir, { recursive: true });
    cpSync(join(work, 'generated/prisma'), outDir, { recursive: true });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Names of the files that differ between two generated clients. */
export function differingFiles(a: string, b: string): string[] {
  const names = new Set([...listFiles(a), ...listFiles(b)]);
  return [...names].filter((name) => read(join(a, name)) !== read(join(b, name))).sort();
}

const listFiles = (dir: string) =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)));

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // An absent file differs from every present one.
  }
}

if (import.meta.main) {
  generatePrismaClient(join(root, 'generated/prisma'));
  console.log('generated/prisma: written');
}
