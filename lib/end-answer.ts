import type { IncomingMessage, ServerResponse } from 'node:http';
import { QuickReply } from './quick/reply.ts';

const maxDrainBytes = 64 * 1024 * 1024;
const maxDrainMs = 5000;

/**
 * Sends the whole body of an answer whose head was written with its length, and ends it. Where the client is still sending, the rest of its
 * request is read and thrown away first, within bounds: a connection that is closed with unread bytes is reset, and takes the answer with it
 * before the client has read it (RFC 9112 §9.6).
 */
export function endAnswer(response: ServerResponse | QuickReply, body: string | Buffer, encoding: 'utf8' | 'latin1' = 'utf8'): void {
  if (response instanceof QuickReply) return response.end(body, encoding);
  const request = response.req;
  if (request.complete || !announcesBody(request)) {
    response.end(body, encoding);
    return;
  }
  response.write(body, encoding);
  drain(request, (isRead) => {
    response.end();
    if (!isRead) request.socket.destroySoon();
  });
}

function announcesBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Calls back with whether the request was read to its end. */
function drain(request: IncomingMessage, done: (isRead: boolean) => void): void {
  let left = maxDrainBytes;
  const finish = (): void => {
    clearTimeout(timer);
    request.off('data', onData).off('end', finish).off('close', finish);
    done(request.complete);
  };
  const onData = (chunk: Buffer): void => {
    left -= chunk.length;
    if (left < 0) finish();
  };
  const timer = setTimeout(finish, maxDrainMs);
  // A client that went away needs nothing more.
  request
    .on('data', onData)
    .once('end', finish)
    .once('close', finish)
    .on('error', () => {});
  request.resume();
}
