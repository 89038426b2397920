import type { JsonObject } from './json.ts';

const bounds = ['minimum', 'exclusiveMinimum', 'maximum', 'exclusiveMaximum'] as const;
const lists: ReadonlySet<string> = new Set(['enum', 'examples']);
/** What the first and the last int64 are as doubles. */
const int64: Readonly<Record<string, number>> = { minimum: -(2 ** 63), maximum: 2 ** 63 };

/**
 * Integers beyond 2^53 are rounded when a document is read. As a bound or a listed value such a number could refuse the very value that the API
 * takes, and as an example it names another one. The bounds of int64 have a name, and gateways hold it exactly.
 */
export function mendRounded(result: JsonObject, lose: (what: string) => void): void {
  for (const keyword of bounds) {
    if (!isRounded(result[keyword])) continue;
    const isInt64 = result['type'] === 'integer' && result[keyword] === int64[keyword];
    delete result[keyword];
    if (isInt64) result['format'] ??= 'int64';
    else lose(`"${keyword}" is beyond 2^53, where numbers of a document are rounded, and is left to the API.`);
  }
  for (const keyword of [...lists, 'const', 'default']) {
    const value = result[keyword];
    if (!(lists.has(keyword) && Array.isArray(value) ? value : [value]).some(isRounded)) continue;
    delete result[keyword];
    lose(`"${keyword}" holds a number beyond 2^53, where those of a document are rounded, and is left out.`);
  }
}

/** Others, such as the largest double, are written with an exponent and mean what they say. */
function isRounded(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) > Number.MAX_SAFE_INTEGER && Math.abs(value) < 1e21;
}
