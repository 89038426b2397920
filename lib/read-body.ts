import type { IncomingMessage } from 'node:http';
import { boundsCounter } from './json-bounds.ts';
import type { JsonBounds } from './json-bounds.ts';

/** What became of reading a request body; `aborted` means that the client went away and nobody waits for an answer. */
export type BodyRead = { readonly bytes: Buffer } | { readonly fault: string } | 'too_large' | 'aborted';

export function readBody(request: IncomingMessage, maxBytes: number): Promise<Exclude<BodyRead, { fault: string }>>;
export function readBody(request: IncomingMessage, maxBytes: number, bounds: JsonBounds): Promise<BodyRead>;
/**
 * Reads a request body of at most `maxBytes`, and of no more than `bounds` where they are given, which is counted as it arrives: see `boundsFault`. A declared length over the bound is refused before anything is read. After `too_large` or a fault the rest is left unread: `endAnswer` lets the client finish before its connection ends. A body that was read before is empty.
 */
export function readBody(request: IncomingMessage, maxBytes: number, bounds?: JsonBounds): Promise<BodyRead> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve('too_large');
  if (request.readableEnded) return Promise.resolve({ bytes: Buffer.alloc(0) });
  if (request.destroyed) return Promise.resolve('aborted');
  const count = bounds === undefined ? () => undefined : boundsCounter(bounds);
  return new Promise((resolve) => {
    // Most bodies come in one packet with their head, and are here by the end of this turn: those need no listeners, which cost more than the rest.
    process.nextTick(() => {
      if (request.complete && !request.destroyed) resolve(takeWhole(request, maxBytes, count));
      else collect(request, maxBytes, count, resolve);
    });
  });
}

type Count = (piece: Uint8Array) => string | undefined;

function takeWhole(request: IncomingMessage, maxBytes: number, count: Count): BodyRead {
  const bytes = (request.read() as Buffer | null) ?? Buffer.alloc(0);
  if (bytes.length > maxBytes) return 'too_large';
  const fault = count(bytes);
  return fault === undefined ? { bytes } : { fault };
}

function collect(request: IncomingMessage, maxBytes: number, count: Count, resolve: (result: BodyRead) => void): void {
  if (request.destroyed) return resolve('aborted');
  const chunks: Buffer[] = [];
  let received = 0;
  const finish = (result: BodyRead): void => {
    request.off('data', onData).off('end', onEnd).off('error', onAbort).off('close', onAbort);
    resolve(result);
  };
  const onData = (chunk: Buffer): void => {
    received += chunk.length;
    const fault = received > maxBytes ? undefined : count(chunk);
    if (received <= maxBytes && fault === undefined) {
      chunks.push(chunk);
      return;
    }
    request.pause();
    finish(fault === undefined ? 'too_large' : { fault });
  };
  const onEnd = (): void => {
    const [first = Buffer.alloc(0)] = chunks;
    finish({ bytes: chunks.length > 1 ? Buffer.concat(chunks, received) : first });
  };
  const onAbort = (): void => finish('aborted');
  request.on('data', onData).on('end', onEnd).on('error', onAbort).on('close', onAbort);
}
