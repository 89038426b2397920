import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { checkOut, hasCommit } from '../../tests/system/old-build.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const builds = join(root, 'bench/.builds');
const buildWithinMs = 300_000;

/** Today's programs, which `make build` makes. */
export const today = join(root, 'dist');

/** The last commit at which the cost of a change still grew with everything that is served: what `scale`, `fan-out` and `fleet` compare with. */
export const beforeDifferences = '746f9f5';

/** The last commit before people signed in, rows were held to their tenant and the audit was written: what `identity` compares with. */
export const beforeIdentity = '1782367';
/** The last commit without telemetry: what `telemetry` compares with. */
export const beforeTelemetry = '99d3f4f';

/**
 * The folder of programs of a commit, built once in `bench/.builds`, from its own sources with today's packages. Throws `ExpectedError` where
 * there is no git or no such commit, as in a clone without history.
 */
export async function buildOf(commit: string): Promise<string> {
  const folder = join(builds, commit);
  const dist = join(folder, 'dist');
  if (existsSync(folder)) return dist;
  if (!hasCommit(commit))
    throw new ExpectedError(
      `There is no commit ${commit} here, so that its programs cannot be built: measure in a clone with its history (git fetch --unshallow).`,
    );
  console.log(`  building the programs of commit ${commit} in bench/.builds …`);
  await mkdir(builds, { recursive: true });
  // Made under another name, so that a run that was interrupted leaves nothing that looks whole.
  const staging = await mkdtemp(join(builds, 'making-'));
  try {
    await checkOut(commit, staging);
    await symlink(join(root, 'node_modules/.bin'), join(staging, 'node_modules/.bin'));
    await run('npm', ['run', '--silent', 'build'], { cwd: staging, timeout: buildWithinMs });
    await rename(staging, folder);
  } catch (error) {
    throw new ExpectedError(`Commit ${commit} could not be built: ${(error as Error).message.slice(0, 1000)}`);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return dist;
}
