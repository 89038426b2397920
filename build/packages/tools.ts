import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ExpectedError } from '@stoa/lib/errors.ts';

const runFile = promisify(execFile);

/** Where each tool of the machine comes from; on other systems than Debian it may be called otherwise. */
const packageOf: Readonly<Record<string, string>> = {
  'dpkg-deb': 'dpkg',
  rpmbuild: 'rpm',
  rpmsign: 'rpm',
  gpg: 'gnupg',
  createrepo_c: 'createrepo-c',
  strip: 'binutils',
  npm: 'npm',
};

type Options = { readonly cwd?: string; readonly env?: Readonly<Record<string, string>>; readonly package?: string };

/** Runs a tool of the machine and answers what it printed. A tool that is missing, or that fails, becomes a sentence. */
export async function runTool(tool: string, args: readonly string[], options: Options = {}): Promise<string> {
  const { cwd, env = {} } = options;
  try {
    const { stdout } = await runFile(tool, args, { cwd, env: { ...process.env, LC_ALL: 'C.UTF-8', ...env }, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT') throw new ExpectedError(missing(tool, options.package));
    throw new ExpectedError(`${tool} failed:\n${(stderr ?? String(error)).trim().split('\n').slice(-20).join('\n')}`, { cause: error });
  }
}

export const missing = (tool: string, from = packageOf[tool] ?? tool): string =>
  `${tool} is missing: install it (on Debian: apt-get install ${from}), and run this again.`;
