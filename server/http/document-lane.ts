import type { Request, RequestHandler, Response } from 'express';
import { readBody } from '@stoa/lib/read-body.ts';
import { DocumentError, documentTooLarge } from '../catalog/compile/document-error.ts';
import { documentWorkers, NotJson } from '../catalog/document-workers.ts';
import type { BodySource, DocumentWorkers } from '../catalog/document-workers.ts';
import { Slots } from '../catalog/slots.ts';
import type { SlotBounds } from '../catalog/slots.ts';
import { ApiError } from '../errors.ts';
import { bodyIsNotJson } from './failures.ts';
import { decode, isJson } from './json-body.ts';

/** A document of 32 MB as text in JSON, every character escaped, and what stands beside it. */
const maxBodyBytes = 72 * 1024 * 1024;
/** A request holds its place until it is answered. Clients and proxies send a body for 30 s at least before they give up. */
const bounds: SlotBounds = { maxRunning: 4, maxWaiting: 16, maxWaitMs: 15_000 };

/**
 * Reads the JSON bodies that carry a document, of callers who were found to be good. Their bytes go to a worker as they arrive; it takes the
 * document out and leaves something small in its place, so that this process neither holds nor parses them. Uploads are read by the validator:
 * their file is no JSON. Of either, a bounded number is read and worked on at once, and nothing is read of those that wait.
 */
export function documentLane(workers: Pick<DocumentWorkers, 'readBody'> = documentWorkers, slots = new Slots(bounds)): RequestHandler {
  return async (request, response, next) => {
    if (!['POST', 'PUT'].includes(request.method)) return next();
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw refusal(documentTooLarge());
    await takePlace(slots, response);
    if (!isJson(request.headers['content-type'])) return next();
    const source = await sourceOf(request);
    if (source.byteLength === 0) return next();
    try {
      const { body, document } = await workers.readBody(source);
      request.body = body;
      if (document !== undefined) response.locals['document'] = document;
    } catch (error) {
      if (error instanceof NotJson) throw bodyIsNotJson(error.message);
      if (error instanceof DocumentError) throw refusal(error);
      throw request.complete || error instanceof ApiError ? error : aborted();
    }
    next();
  };
}

/** Waits for a place that is given back when the request is answered or its caller has gone. */
async function takePlace(slots: Slots, response: Response): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const giveBack = await slots.take(gone.signal);
  if (gone.signal.aborted) giveBack();
  else gone.signal.addEventListener('abort', giveBack, { once: true });
}

/** Of a body that says how long it is nothing is held here. The others, which are few, are read whole. */
async function sourceOf(request: Request): Promise<BodySource> {
  const { 'content-length': length, 'content-encoding': encoding } = request.headers;
  if (length !== undefined && (encoding ?? 'identity').trim().toLowerCase() === 'identity') return { byteLength: Number(length), stream: request };
  const read = await readBody(request, maxBodyBytes);
  if (read === 'aborted') throw aborted();
  if (read === 'too_large') throw refusal(documentTooLarge());
  const bytes = await decode(read.bytes, encoding, maxBodyBytes);
  return new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}

const aborted = (): ApiError => new ApiError(400, 'The body ended before it was whole.');

function refusal({ code, message, member }: DocumentError): ApiError {
  // Unlike a large document, members that no request has are a fault of the request.
  if (code === 'body_has_too_many_members') return new ApiError(400, message, { code, errors: [{ pointer: '/body', message }] });
  const status = code.endsWith('too_large') ? 413 : 422;
  return new ApiError(status, message, { code, errors: [{ pointer: `/body/${member}`, message }] });
}
