import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { readIfPresent, writeDurably } from '@stoa/lib/durable-file.ts';
import { AdminError } from '../../engine/admin-error.ts';

/** How a program ended, and what it said. */
export type Ended = { readonly code: number; readonly said: string };

/** What an nginx on this machine is worked on with. */
export type NginxTools = {
  /** The version; throws an `AdminError` when there is no such program. */
  version(): Promise<string>;
  /** Whether nginx would take the files that lie there. */
  test(): Promise<Ended>;
  /** All the files that nginx reads, as it prints them. */
  dump(): Promise<Ended>;
  reload(): Promise<Ended>;
  /** Which generation answers a new connection now; undefined when none does. */
  generation(signal?: AbortSignal): Promise<string | undefined>;
  read(file: string): Promise<string | undefined>;
  /** A file of somebody else's, by its path; undefined where it cannot be read, or is larger than any certificate. */
  readFile(path: string): Promise<string | undefined>;
  /** Puts a file there whole, or takes it away. */
  put(file: string, text: string | undefined): Promise<void>;
  /** The end of the error log, where it is known. */
  errorLog(): Promise<string>;
};

export type ToolOptions = {
  readonly url: string;
  readonly dir: string;
  readonly program?: string | undefined;
  readonly config?: string | undefined;
  readonly reload?: string | undefined;
  readonly errorLog?: string | undefined;
};

/** Neither takes long, but for names that do not resolve. */
const programMs = 30_000;
const maxFileBytes = 1024 * 1024;

export function nginxTools({ url, dir, program = 'nginx', config, reload, errorLog }: ToolOptions): NginxTools {
  const given = config === undefined ? [] : ['-c', config];
  return {
    async version() {
      const { code, said } = await run(program, ['-v']);
      const version = /nginx\/(\d[\w.]{0,30})/.exec(said)?.[1];
      if (code === 0 && version !== undefined) return version;
      throw new AdminError(
        'unreachable',
        `${program} is not an nginx that can be run here: correct STOA_NGINX_PROGRAM. Connect runs beside the nginx that it configures.`,
      );
    },
    test: () => run(program, ['-t', ...given]),
    dump: () => run(program, ['-T', ...given]),
    reload() {
      const [command = program, ...args] = reload?.split(/ +/) ?? [program, '-s', 'reload', ...given];
      return run(command, args);
    },
    generation: (signal) => askGeneration(new URL('/generation', url), signal),
    read: (file) => readIfPresent(join(dir, file)),
    async readFile(path) {
      const size = await stat(path).then(
        (found) => (found.isFile() ? found.size : Infinity),
        () => Infinity,
      );
      return size > maxFileBytes ? undefined : readFile(path, 'utf8').catch(() => undefined);
    },
    async put(file, text) {
      try {
        if (text === undefined) return await rm(join(dir, file), { force: true });
        await mkdir(dir, { recursive: true });
        await writeDurably(join(dir, file), text);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        throw new AdminError('unauthorized', `${dir} cannot be written to (${code}): have it belong to the user that STOA Connect runs as.`, {
          cause: error,
        });
      }
    },
    async errorLog() {
      const text = errorLog === undefined ? '' : await readFile(errorLog, 'utf8').catch(() => '');
      return text.slice(-65_536);
    },
  };
}

function run(program: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(program, [...args], { timeout: programMs, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, said: `${stderr}${stdout}` || (error?.message ?? '') });
    });
  });
}

/** Over a connection of its own: one that was open before a reload is answered by what it came under. */
function askGeneration(url: URL, signal?: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const asked = request(url, { agent: false, timeout: 5000, headers: { connection: 'close' }, ...(signal && { signal }) }, (response) => {
      readText(response).then(
        (body) => resolve(response.statusCode === 200 ? body.trim().slice(0, 64) : undefined),
        () => resolve(undefined),
      );
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(undefined));
    asked.end();
  });
}
