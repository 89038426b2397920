/** One field whose value is not the expected one. */
export type Difference = { readonly field: string; readonly expected: unknown; readonly found: unknown };

/** Names of fields whose arrays have no order. */
export type Unordered = ReadonlySet<string>;

/**
 * Compares only the fields that `expected` has, because the gateway fills in the others (lesson 14). Null and absence are one.
 * @returns the differing fields by dotted name, in the order of `expected`; empty when equal.
 */
export function differences(
  expected: Readonly<Record<string, unknown>>,
  found: Readonly<Record<string, unknown>>,
  unordered: Unordered,
  prefix = '',
): Difference[] {
  return Object.entries(expected).flatMap(([name, value]): Difference[] => {
    const field = prefix + name;
    const other = found[name] ?? null;
    if (isRecord(value) && isRecord(other)) return differences(value, other, unordered, `${field}.`);
    return sameValue(value ?? null, other, unordered.has(name)) ? [] : [{ field, expected: value ?? null, found: other }];
  });
}

function sameValue(expected: unknown, found: unknown, isSet: boolean): boolean {
  if (sameJson(expected, found)) return true;
  return isSet && Array.isArray(expected) && Array.isArray(found) && sameJson(inOrder(expected), inOrder(found));
}

/** Whether two values are written as the same JSON, but for the order of members. It goes through thousands of objects at a start, and makes nothing. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((one, index) => sameJson(one, b[index]));
  }
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  let members = 0;
  for (const name in left) {
    if (left[name] === undefined) continue;
    members += 1;
    if (!sameJson(left[name], right[name])) return false;
  }
  for (const name in right) if (right[name] !== undefined) members -= 1;
  return members === 0;
}

const inOrder = (values: readonly unknown[]): unknown[] => [...new Set(values)].sort();

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What was found, without the fields that a gateway filled in besides those that are expected, and in their order: for what is compared as a list. */
export function within(expected: unknown, found: unknown): unknown {
  if (Array.isArray(expected) && Array.isArray(found)) {
    return expected.length === found.length ? expected.map((one, index) => within(one, found[index])) : found;
  }
  if (!isRecord(expected) || !isRecord(found)) return found;
  return Object.fromEntries(Object.keys(expected).map((name) => [name, within(expected[name], found[name])]));
}

export type ComparisonRules = {
  /** Fields whose arrays the gateway keeps as sets. */
  readonly unordered: Unordered;
  /** Fields whose values are never said. */
  readonly confidential: ReadonlySet<string>;
};

/**
 * Where what was found differs from the fields that are expected, in words; undefined when it does not. As drift it reads from what was
 * applied to what was found, as an edit from what is there to what shall be.
 */
export function mismatch(
  expected: Readonly<Record<string, unknown>>,
  found: Readonly<Record<string, unknown>>,
  as: 'drift' | 'edit',
  { unordered, confidential }: ComparisonRules,
): string | undefined {
  const different = differences(expected, found, unordered);
  if (different.length === 0) return undefined;
  const turned = as === 'drift' ? different : different.map((one) => ({ field: one.field, expected: one.found, found: one.expected }));
  return describeDifferences(turned, confidential);
}

/** `methods: GET → GET, POST; port: 80 → 81`, with what `confidential` names left unsaid. At most 1500 characters. */
function describeDifferences(found: readonly Difference[], confidential: ReadonlySet<string>): string {
  const parts = found.map(({ field, expected, found: other }) =>
    confidential.has(field) ? `${field}: changed` : `${field}: ${show(expected)} → ${show(other)}`,
  );
  return shorten(parts.join('; '), 1500);
}

function show(value: unknown): string {
  if (value === null) return 'none';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(show).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function shorten(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}
