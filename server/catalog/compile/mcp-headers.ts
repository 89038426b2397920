import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { schemaKeywords } from './schema-keywords.ts';

const keyword = 'x-mcp-header';
/** MCP 2026-07-28, "Schema Extension": these types only, and no list of them. */
const allowedTypes: ReadonlySet<unknown> = new Set(['string', 'integer', 'boolean']);

/**
 * Keeps `x-mcp-header` where MCP 2026-07-28 allows it: on scalars that are reached by `properties` alone, with a name that no other has.
 * Anywhere else it would make clients leave out the whole tool. Changes the schema in place.
 */
export function settleMcpHeaders(schema: JsonObject, lose: (what: string) => void): void {
  const taken = new Set<string>();
  const visit = (node: unknown, isReached: boolean): void => {
    if (!isObject(node)) return;
    if (keyword in node) {
      const name = node[keyword];
      const isName = typeof name === 'string' && /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/.test(name);
      const isFree = isName && !taken.has(name.toLowerCase());
      if (isReached && isFree && allowedTypes.has(node['type'])) taken.add(name.toLowerCase());
      else {
        delete node[keyword];
        lose(`${keyword} ${JSON.stringify(name).slice(0, 100)} stands where MCP does not allow it and is left out.`);
      }
    }
    for (const [name, value] of Object.entries(node)) {
      const kind = name === '$defs' ? 'schema_map' : schemaKeywords.get(name);
      if (kind === 'schema') visit(value, false);
      else if (kind === 'schemas') for (const item of value as unknown[]) visit(item, false);
      else if (kind === 'schema_map') for (const item of Object.values(value as JsonObject)) visit(item, isReached && name === 'properties');
    }
  };
  visit(schema, true);
}
