export type JsonType = 'null' | 'boolean' | 'object' | 'array' | 'number' | 'integer' | 'string';

export function jsonTypeOf(value: unknown): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value as JsonType;
}

/** Whether every value of the type is allowed by the set; every integer is a number (JSON Schema 2020-12 §6.1.1). */
export const admits = (types: ReadonlySet<JsonType> | undefined, type: JsonType): boolean =>
  types === undefined || types.has(type) || (type === 'integer' && types.has('number'));

export function intersectTypes(left: ReadonlySet<JsonType>, right: ReadonlySet<JsonType>): Set<JsonType> {
  return new Set([...[...left].filter((type) => admits(right, type)), ...[...right].filter((type) => admits(left, type))]);
}

export const typesNotIn = (types: ReadonlySet<JsonType> | undefined, allowed: ReadonlySet<JsonType> | undefined): JsonType[] => {
  if (allowed === undefined) return [];
  return [...(types ?? allJsonTypes)].filter((type) => !admits(allowed, type));
};

const allJsonTypes: readonly JsonType[] = ['null', 'boolean', 'object', 'array', 'number', 'string'];

export const showTypes = (types: ReadonlySet<JsonType> | undefined): string => (types === undefined ? 'any type' : [...types].sort().join(' or '));
