import { boundsFault } from '@stoa/lib/json-bounds.ts';
import { CORE_SCHEMA, load, mergeTag, YAMLException } from 'js-yaml';
import { DocumentError, documentTooLarge, howToShrink, maxDocumentBytes } from './document-error.ts';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { isSwagger } from './swagger.ts';

/** Bounds the recursion of everything that walks a document. */
const maxDepth = 200;
/** Counted with every alias expanded, so that a small text cannot stand for a huge document. */
const maxValues = 4_000_000;
const maxAliases = 1000;
const maxMergedKeys = 10_000;
const yamlSchema = CORE_SCHEMA.withTags(mergeTag);

const accepted = 'OpenAPI 3.0.x and 3.1.x and Swagger 2.0 are accepted';

/**
 * An OpenAPI document from JSON or YAML text, or from an object, checked for size, nesting and version.
 * @throws DocumentError when it is too large, no JSON or YAML, or no OpenAPI 3 document
 */
export function parseDocument(source: string | JsonObject): JsonObject {
  const value = typeof source === 'string' ? parseText(source) : source;
  if (!isObject(value)) {
    throw new DocumentError('document_not_an_object', `The document is ${nameOf(value)}, not an object; ${accepted}.`);
  }
  checkShape(value);
  if (!isSwagger(value)) checkVersion(value);
  return value;
}

/**
 * Refuses everything that is not OpenAPI 3. A 3.2 document is read as 3.1: what is new in it is reported as a loss.
 * @throws DocumentError that names the version found and the versions accepted
 */
export function checkVersion(document: JsonObject): void {
  if (Object.hasOwn(document, 'swagger')) {
    throw new DocumentError('document_is_swagger', `The document is Swagger ${String(document['swagger'])}; ${accepted}.`);
  }
  const version = document['openapi'];
  if (typeof version === 'string' && /^3\.[0-2](\.\d+)?(-[\w.]+)?$/.test(version)) return;
  const found =
    version === undefined
      ? `has no "openapi" member${Object.hasOwn(document, 'asyncapi') ? ' (it is an AsyncAPI document)' : ''}`
      : `says openapi: ${typeof version === 'string' ? `"${version.slice(0, 40)}"` : nameOf(version)}`;
  throw new DocumentError('document_version_unknown', `The document ${found}; ${accepted}, as text such as "3.1.0".`);
}

function parseText(text: string): unknown {
  const bytes = Buffer.byteLength(text);
  if (bytes > maxDocumentBytes) throw documentTooLarge(bytes);
  const content = text.replace(/^\uFEFF/, '');
  if (/^\s*\{/.test(content)) {
    checkBounds(Buffer.from(content), 'document');
    try {
      return JSON.parse(content);
    } catch {
      // YAML in flow style begins with a brace too; its parser has the better message for both.
    }
  }
  try {
    return load(content, { schema: yamlSchema, maxDepth, maxAliases, maxTotalMergeKeys: maxMergedKeys });
  } catch (error) {
    throw new DocumentError('document_not_parsable', `The document is neither JSON nor YAML: ${yamlFault(error).slice(0, 500)}.`);
  }
}

function yamlFault(error: unknown): string {
  if (error instanceof RangeError) return 'it is nested too deeply';
  if (!(error instanceof YAMLException)) return error instanceof Error ? error.message : String(error);
  return error.mark === undefined ? error.reason : `${error.reason} at line ${error.mark.line + 1}, column ${error.mark.column + 1}`;
}

/**
 * Counts what a JSON text holds before anything is made of it: the three characters of `{},` take 64 bytes. In a body the document is a level
 * deeper.
 * @throws DocumentError
 */
export function checkBounds(text: Uint8Array, what: 'document' | 'body'): void {
  const levels = what === 'body' ? maxDepth + 1 : maxDepth;
  const fault = boundsFault(text, { maxDepth: levels, maxKeys: maxValues, maxValues, maxContainers: maxValues });
  if (fault === undefined) return;
  throw new DocumentError(fault.startsWith('nests') ? 'document_too_deep' : 'document_too_large', `The ${what} ${fault}: ${howToShrink}.`);
}

/** Walks without recursion, since the nesting is what it checks. Aliases are counted as often as they are used. */
function checkShape(document: JsonObject): void {
  const waiting: { value: unknown; depth: number }[] = [{ value: document, depth: 0 }];
  let values = 0;
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    const { value, depth } = entry;
    if ((values += 1) > maxValues) {
      throw new DocumentError(
        'document_too_large',
        `The document has more than ${maxValues} values, counting what its aliases stand for: ${howToShrink}.`,
      );
    }
    if (typeof value === 'string') checkText(value);
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= maxDepth) throw new DocumentError('document_too_deep', `The document is nested more than ${maxDepth} levels deep.`);
    if (Array.isArray(value)) {
      for (const item of value) waiting.push({ value: item, depth: depth + 1 });
      continue;
    }
    for (const [key, item] of Object.entries(value)) {
      checkText(key);
      if (key === '__proto__') throw new DocumentError('document_unsafe_key', 'The document has a member named "__proto__", which is refused.');
      waiting.push({ value: item, depth: depth + 1 });
    }
  }
}

/** PostgreSQL stores neither NUL nor half a surrogate pair in JSON. */
function checkText(text: string): void {
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new DocumentError('document_not_text', 'The document holds a NUL character or half a surrogate pair, which is no Unicode text.');
  }
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${JSON.stringify(value).slice(0, 40)}`;
}
