export type DocumentDifference = { pointer: string; change: 'added' | 'removed' | 'changed'; before?: unknown; after?: unknown };

/** Beyond this nobody reads on. */
const most = 300;

/** Where two JSON values differ, by pointer (RFC 6901). Lists are compared whole. */
export function differencesOf(before: unknown, after: unknown): DocumentDifference[] {
  const found: DocumentDifference[] = [];
  const walk = (a: unknown, b: unknown, pointer: string): void => {
    if (found.length >= most || same(a, b)) return;
    if (!isObject(a) || !isObject(b)) {
      found.push({ pointer, change: 'changed', before: a, after: b });
      return;
    }
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (found.length >= most) return;
      const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (!Object.hasOwn(a, key)) found.push({ pointer: at, change: 'added', after: b[key] });
      else if (!Object.hasOwn(b, key)) found.push({ pointer: at, change: 'removed', before: a[key] });
      else walk(a[key], b[key], at);
    }
  };
  walk(before, after, '');
  return found;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

/** Of a list of named things: which came, which went, and which are not what they were. */
export function changesByName<T>(
  before: readonly T[],
  after: readonly T[],
  nameOf: (item: T) => string,
): { added: string[]; removed: string[]; changed: string[] } {
  const was = new Map(before.map((item) => [nameOf(item), item]));
  const is = new Map(after.map((item) => [nameOf(item), item]));
  return {
    added: [...is.keys()].filter((name) => !was.has(name)),
    removed: [...was.keys()].filter((name) => !is.has(name)),
    changed: [...is].filter(([name, item]) => was.has(name) && !same(was.get(name), item)).map(([name]) => name),
  };
}
