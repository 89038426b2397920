import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { RequestHandler } from 'express';
import { boundsFault } from '@stoa/lib/json-bounds.ts';
import type { JsonBounds } from '@stoa/lib/json-bounds.ts';
import { readBody } from '@stoa/lib/read-body.ts';
import { ApiError } from '../errors.ts';
import { bodyIsNotJson } from './failures.ts';

type Options = { readonly maxBytes: number; readonly bounds: JsonBounds };

/** No member, list or text of the contract needs nearly as much. */
export const usualBounds: JsonBounds = { maxDepth: 64, maxKeys: 10_000, maxValues: 20_000 };
/** What 50,000 items of an acknowledgement hold, or 5,000 records of usage. */
export const bulkBounds: JsonBounds = { maxDepth: 64, maxKeys: 120_000, maxValues: 160_000 };

/** What 5,000 definitions of tools hold, with their schemas. */
export const schemasBounds: JsonBounds = { maxDepth: 64, maxKeys: 250_000, maxValues: 300_000 };

/**
 * Reads a JSON body into `request.body`, where none was read before. It is counted through before it is parsed, for what an honest body never
 * holds costs the parser and the validator a second of everybody's time. Other media types are left for the validator to refuse.
 */
export function jsonBody({ maxBytes, bounds }: Options): RequestHandler {
  return async (request, _response, next) => {
    if (request.body === undefined && isJson(request.headers['content-type'])) request.body = await readJson(request, maxBytes, bounds);
    next();
  };
}

/** `application/json`, or a merge patch of it (RFC 7396 §4), in any case (RFC 9110 §8.3.1), in UTF-8 (RFC 8259 §8.1). */
export function isJson(contentType: string | undefined): boolean {
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  if (type !== 'application/json' && type !== 'application/merge-patch+json') return false;
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length) ?? 'utf-8';
  if (!/^"?utf-?8"?$/.test(charset)) throw new ApiError(415, 'The body is in a charset that JSON does not have: send it as UTF-8.');
  return true;
}

async function readJson(request: IncomingMessage, maxBytes: number, bounds: JsonBounds): Promise<unknown> {
  const encoding = request.headers['content-encoding'];
  const read = encoding === undefined ? await readBody(request, maxBytes, bounds) : await readBody(request, maxBytes);
  if (read === 'aborted') throw new ApiError(400, 'The body ended before it was whole.');
  if (read === 'too_large') throw tooLarge();
  if ('fault' in read) throw outOfBounds(read.fault);
  const bytes = await decode(read.bytes, encoding, maxBytes);
  if (bytes.length === 0) return undefined;
  return parseJson(bytes, encoding === undefined ? undefined : bounds);
}

/** What some bytes say in JSON, within bounds where they were not counted while they came. @throws ApiError */
export function parseJson(bytes: Buffer, bounds: JsonBounds | undefined): unknown {
  const fault = bounds === undefined ? undefined : boundsFault(bytes, bounds);
  if (fault !== undefined) throw outOfBounds(fault);
  if (!isUtf8(bytes)) throw bodyIsNotJson('is not UTF-8');
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw bodyIsNotJson((error as Error).message);
  }
}

const outOfBounds = (fault: string) => new ApiError(400, `The body ${fault}.`, { errors: [{ pointer: '/body', message: fault }] });

const decoders: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip),
  deflate: promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate),
  br: promisify<Buffer, { maxOutputLength: number }, Buffer>(brotliDecompress),
};

/** The body as it was before its content coding (RFC 9110 §8.4). */
export async function decode(bytes: Buffer, encoding = 'identity', maxBytes: number): Promise<Buffer> {
  const name = encoding.trim().toLowerCase();
  if (name === 'identity') return bytes;
  const decoder = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
  if (decoder === undefined) throw new ApiError(415, 'The body has a content coding that is not taken here: send it as it is, or in gzip.');
  try {
    return await decoder(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new ApiError(400, `The body is not ${name}, which its Content-Encoding says.`);
  }
}

const tooLarge = (): ApiError => new ApiError(413, 'The body is too large.');
