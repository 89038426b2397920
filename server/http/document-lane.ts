import type { RequestHandler } from 'express';
import { readBody } from '@stoa/lib/read-body.ts';
import { DocumentError, documentTooLarge } from '../catalog/compile/document-error.ts';
import { documentWorkers, NotJson } from '../catalog/document-workers.ts';
import { ApiError } from '../errors.ts';
import { bodyIsNotJson } from './failures.ts';
import { decode, isJson } from './json-body.ts';

/** A document of 32 MB as text in JSON, every character escaped, and what stands beside it. */
const maxBodyBytes = 72 * 1024 * 1024;

/**
 * Reads the JSON bodies that carry a document, of callers who were found to be good. Their bytes are handed to a worker, which takes the
 * document out and leaves something small in its place, so that this thread never parses it. Uploads pass: their file is no JSON.
 */
export const documentLane: RequestHandler = async (request, response, next) => {
  if (!['POST', 'PUT'].includes(request.method) || !isJson(request.headers['content-type'])) return next();
  const read = await readBody(request, maxBodyBytes);
  if (read === 'aborted') throw new ApiError(400, 'The body ended before it was whole.');
  if (read === 'too_large') throw refusal(documentTooLarge());
  const bytes = await decode(read.bytes, request.headers['content-encoding'], maxBodyBytes);
  if (bytes.length === 0) return next();
  try {
    const { body, document } = await documentWorkers.readBody(new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength));
    request.body = body;
    if (document !== undefined) response.locals['document'] = document;
  } catch (error) {
    if (error instanceof NotJson) throw bodyIsNotJson(error.message);
    throw error instanceof DocumentError ? refusal(error) : error;
  }
  next();
};

function refusal({ code, message, member }: DocumentError): ApiError {
  // Unlike a large document, members that no request has are a fault of the request.
  if (code === 'body_has_too_many_members') return new ApiError(400, message, { code, errors: [{ pointer: '/body', message }] });
  const status = code.endsWith('too_large') ? 413 : 422;
  return new ApiError(status, message, { code, errors: [{ pointer: `/body/${member}`, message }] });
}
