import { once } from 'node:events';
import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Server } from 'node:net';
import { ExpectedError } from './errors.ts';

/** A socket in a folder, and who may connect to it: permissions such as 660, in octal digits. */
export type SocketPlace = { readonly path: string; readonly mode: string };

const reasons: Readonly<Record<string, (path: string) => string>> = {
  EADDRINUSE: (path) => `${path} is taken: another program listens there, or it is no socket. Stop that program, or remove the file`,
  EACCES: (path) => `the folder of ${path} is not there, or this program's user may not write in it: make it, for that user alone`,
};

/**
 * Begins to listen on a socket, which has its permissions from its first moment on, and takes the place of one whose program was killed; never of a socket that somebody listens on, nor of anything else.
 * Only in the main thread. Throws an `ExpectedError` that names `settingName`.
 */
export async function listenOnSocket(server: Server, { path, mode }: SocketPlace, settingName: string): Promise<void> {
  try {
    await removeIfDead(path);
    const listening = once(server, 'listening');
    // The file is made within this call, by the mask of the process.
    const mask = process.umask(0o777 & ~Number.parseInt(mode, 8));
    try {
      server.listen({ path });
    } finally {
      process.umask(mask);
    }
    await listening;
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? '']?.(path) ?? (error as Error).message;
    throw new ExpectedError(`${settingName} cannot be listened on: ${reason}.`, { cause: error });
  }
}

/** A process that was killed leaves its socket behind, which nobody else can then listen on. */
async function removeIfDead(path: string): Promise<void> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED' && (await lstat(path)).isSocket()) await unlink(path);
    return;
  } finally {
    socket.destroy();
  }
}
