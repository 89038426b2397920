import { maxFileText } from '@stoa/lib/file-argument.ts';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { mediaKind } from './media-types.ts';

/** What a model is told of an argument that stands for a file. */
export const fileText = `A file as base64 text or as a data URL (data:<type>;name=<name>;base64,…), at most ${maxFileText}.`;
const textual: ReadonlySet<string> = new Set(['json', 'form', 'text']);

/** Whether a schema describes bytes: `format: binary` of OpenAPI 3.0, or a media type without an encoding of 3.1. */
export function describesFile(schema: unknown): schema is JsonObject {
  if (!isObject(schema)) return false;
  const types: unknown[] = Array.isArray(schema['type']) ? schema['type'] : [schema['type']];
  if (!types.includes('string') && schema['type'] !== undefined) return false;
  if (schema['format'] === 'binary') return true;
  const mediaType = schema['contentMediaType'];
  return typeof mediaType === 'string' && schema['contentEncoding'] === undefined && isBinary(mediaType);
}

export function isBinary(mediaType: string): boolean {
  return !textual.has(mediaKind(mediaType)) && !mediaType.startsWith('multipart/');
}

/** The schema of an argument that stands for a file. */
export function fileSchema({ description }: JsonObject = {}): JsonObject {
  const own = typeof description === 'string' && description !== '' ? `${description.trim()} ` : '';
  return { type: 'string', contentEncoding: 'base64', description: own + fileText };
}
