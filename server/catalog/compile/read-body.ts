import { isUtf8 } from 'node:buffer';
import { boundsFault } from '@stoa/lib/json-bounds.ts';
import { jsonBytes } from './compile-source.ts';
import { DocumentError, documentTooLarge, maxDocumentBytes } from './document-error.ts';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { checkBounds } from './parse-document.ts';

/** What stands beside a document is small: a name, an address, credentials, a filter. */
const maxMembers = 50;
const ofMembersAlone = { maxDepth: Infinity, maxKeys: Infinity, maxValues: Infinity, maxOuterKeys: maxMembers };
const maxBytesBeside = 256 * 1024;

/**
 * The body of a request with its document apart. In `body` something small of the document's own kind stands in its place, so that the
 * contract can be checked; `document` is absent when there is none that is a text or an object.
 */
export type BodyParts = { body: unknown; document: Uint8Array<ArrayBuffer> | undefined };

/**
 * Takes a JSON body apart. Runs in a worker.
 * @throws SyntaxError when it is no JSON; DocumentError when the document or what stands beside it is too large
 */
export function readBody(bytes: Uint8Array): BodyParts {
  if (!isUtf8(bytes)) throw new SyntaxError('is not UTF-8');
  checkBounds(bytes, 'body');
  const tooMany = boundsFault(bytes, ofMembersAlone);
  if (tooMany !== undefined)
    throw new DocumentError('body_has_too_many_members', `The body ${tooMany}, which no request has: give the document as \`document\`.`);
  const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (!isObject(parsed)) return { body: Array.isArray(parsed) ? [] : parsed, document: undefined };
  const { document, ...beside } = parsed;
  if (JSON.stringify(beside).length > maxBytesBeside) {
    throw new DocumentError('body_too_large', `What stands beside the document has more than ${maxBytesBeside} bytes.`);
  }
  if (typeof document !== 'string' && !isObject(document))
    return { body: Object.hasOwn(parsed, 'document') ? { ...beside, document: 0 } : beside, document: undefined };
  const own = typeof document === 'string' ? new TextEncoder().encode(document) : jsonBytes(document);
  if (own.byteLength > maxDocumentBytes) throw documentTooLarge(own.byteLength);
  return { body: { ...beside, document: standIn(document) }, document: own };
}

function standIn(document: string | JsonObject): string | JsonObject {
  if (typeof document === 'object') return {};
  return document === '' ? '' : '-';
}
