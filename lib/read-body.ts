import type { IncomingMessage } from 'node:http';

/** What became of reading a request body; `aborted` means that the client went away and nobody waits for an answer. */
export type BodyRead = { readonly bytes: Buffer } | 'too_large' | 'aborted';

/**
 * Reads a request body of at most `maxBytes`. A declared length over the bound is refused before anything is read. After `too_large` the rest
 * is left unread: `endAnswer` lets the client finish before its connection ends. A body that was read before is empty.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<BodyRead> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve('too_large');
  if (request.readableEnded) return Promise.resolve({ bytes: Buffer.alloc(0) });
  if (request.destroyed) return Promise.resolve('aborted');
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let received = 0;
    const finish = (result: BodyRead): void => {
      request.off('data', onData).off('end', onEnd).off('error', onAbort).off('close', onAbort);
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      received += chunk.length;
      if (received <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      request.pause();
      finish('too_large');
    };
    const onEnd = (): void => {
      const [first = Buffer.alloc(0)] = chunks;
      finish({ bytes: chunks.length > 1 ? Buffer.concat(chunks, received) : first });
    };
    const onAbort = (): void => finish('aborted');
    request.on('data', onData).on('end', onEnd).on('error', onAbort).on('close', onAbort);
  });
}
