/**
 * Prints a JSON value the way Penlight's `pl.pretty` prints a Lua table, because Kong puts that text in its error messages.
 * @param indent two spaces gives the many-line form, '' the one-line form.
 */
export function luaPretty(value: unknown, indent: '' | '  ', depth = 1): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object') return String(value);
  const items = Array.isArray(value)
    ? value.map((item) => luaPretty(item, indent, depth + 1))
    : Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, item]) => `${luaKey(key)}${indent === '' ? '=' : ' = '}${luaPretty(item, indent, depth + 1)}`);
  if (indent === '') return `{${items.join(',')}}`;
  return `{\n${items.map((item) => indent.repeat(depth) + item).join(',\n')}\n${indent.repeat(depth - 1)}}`;
}

function luaKey(key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) ? key : `[${JSON.stringify(key)}]`;
}
