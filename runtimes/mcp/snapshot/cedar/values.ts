import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';

/** A value that Cedar has no form for. */
export class NotExpressible extends Error {}

/** Cedar's `decimal` has four digits behind the point, and what a `Long` of 64 bits holds before it. */
const decimalText = /^-?\d{1,14}\.\d{1,4}$/;
/** How Cedar's JSON says that a record is something else: what a caller wrote must not become that. */
const escapes: ReadonlySet<string> = new Set(['__entity', '__extn', '__expr']);
const maxDepth = 32;

/**
 * A value of JSON as Cedar's: integers as `Long`, other numbers as `decimal`, lists as sets; undefined for null, which Cedar has not. Throws `NotExpressible` for a number that fits neither, and
 * for what would read as something else than a record: left out, it would pass a policy that looks whether it is there.
 */
export function cedarValue(value: unknown, depth = 0): CedarValueJson | undefined {
  if (depth > maxDepth) throw new NotExpressible();
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return numberOf(value);
    case 'object':
      if (value === null) return undefined;
      if (Array.isArray(value)) return value.flatMap((item) => cedarValue(item, depth + 1) ?? []);
      return cedarRecord(value as Readonly<Record<string, unknown>>, undefined, depth + 1);
    default:
      throw new NotExpressible();
  }
}

/** Of an object the members of these names, or all of them. */
export function cedarRecord(
  object: Readonly<Record<string, unknown>>,
  names: ReadonlySet<string> | undefined,
  depth = 0,
): Record<string, CedarValueJson> {
  // An object of a class, such as a number that no double holds, is none of JSON's.
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) throw new NotExpressible();
  const record: Record<string, CedarValueJson> = Object.create(null) as Record<string, CedarValueJson>;
  for (const name of names ?? Object.keys(object)) {
    if (!Object.hasOwn(object, name)) continue;
    if (escapes.has(name)) throw new NotExpressible();
    const value = cedarValue(object[name], depth);
    if (value !== undefined) record[name] = value;
  }
  return record;
}

function numberOf(value: number): CedarValueJson {
  if (Number.isSafeInteger(value)) return value;
  const text = String(value);
  if (!decimalText.test(text)) throw new NotExpressible();
  return { __extn: { fn: 'decimal', arg: text } };
}
