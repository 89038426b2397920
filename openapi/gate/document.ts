/** A JSON object as it comes out of `JSON.parse`: nothing is known of its members. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A bundled OpenAPI 3.1 document: every `$ref` in it points into itself. */
export interface OpenApiDocument extends JsonObject {
  readonly openapi: string;
  readonly paths?: JsonObject;
  readonly components?: JsonObject;
}

/** A `$ref` that points to a `$ref` and so on: more hops than this is a loop, not a document. */
const maxRefHops = 32;

export class UnresolvedRefError extends Error {
  constructor(ref: string, reason: string) {
    super(`$ref ${JSON.stringify(ref)} cannot be followed: ${reason}. Bundle the document first (npm run generate).`);
    this.name = 'UnresolvedRefError';
  }
}

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The member as an object; an absent or ill-typed one reads as empty, because the linter judges shape and the gate judges change. */
export const objectAt = (parent: unknown, key: string): JsonObject => {
  const value = isObject(parent) ? parent[key] : undefined;
  return isObject(value) ? value : {};
};

export const arrayAt = (parent: unknown, key: string): readonly unknown[] => {
  const value = isObject(parent) ? parent[key] : undefined;
  return Array.isArray(value) ? value : [];
};

export const stringsAt = (parent: unknown, key: string): readonly string[] =>
  arrayAt(parent, key).filter((value): value is string => typeof value === 'string');

export interface Resolved {
  readonly node: unknown;
  /** The pointer the node was reached through (`#/components/…`), or undefined when it stood inline. */
  readonly pointer: string | undefined;
}

/**
 * Follows `$ref` until something that is not one (RFC 6901 pointers inside the document).
 * Throws {@link UnresolvedRefError} for an external, dangling or endless reference.
 */
export function resolve(document: OpenApiDocument, node: unknown): Resolved {
  let current = node;
  let pointer: string | undefined;
  for (let hop = 0; hop < maxRefHops; hop += 1) {
    if (!isObject(current) || typeof current['$ref'] !== 'string') return { node: current, pointer };
    pointer = current['$ref'];
    current = nodeAt(document, pointer);
  }
  throw new UnresolvedRefError(String(pointer), `it is still a reference after ${String(maxRefHops)} hops`);
}

export const resolveObject = (document: OpenApiDocument, node: unknown): JsonObject => {
  const resolved = resolve(document, node).node;
  return isObject(resolved) ? resolved : {};
};

function nodeAt(document: OpenApiDocument, pointer: string): unknown {
  if (!pointer.startsWith('#')) throw new UnresolvedRefError(pointer, 'it points outside the document');
  let current: unknown = document;
  for (const segment of pointer.slice(1).split('/').slice(1)) {
    const key = decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~');
    current = isObject(current) || Array.isArray(current) ? (current as JsonObject)[key] : undefined;
    if (current === undefined) throw new UnresolvedRefError(pointer, `nothing stands at ${JSON.stringify(key)}`);
  }
  return current;
}

export const escapePointer = (segment: string): string => segment.replaceAll('~', '~0').replaceAll('/', '~1');

/** JSON text with sorted keys, so that two values are equal when their texts are. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${members.join(',')}}`;
}
