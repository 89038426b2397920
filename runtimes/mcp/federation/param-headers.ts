import { ExactNumber } from '@stoa/lib/exact-json.ts';
import { membersOf } from '@stoa/lib/json-members.ts';
import type { McpListed, ToolEntry } from '../model.ts';

/** An argument that a tool wants in a header too, and the header (MCP 2026-07-28 "Custom headers from tool parameters"). */
export type ParamHeader = { readonly path: readonly string[]; readonly header: string };

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const maxHeaders = 64;
const maxDepth = 16;

/** Which arguments a tool's input schema wants in headers: properties that are reached by `properties` alone. */
export function paramHeadersIn(schema: unknown, path: readonly string[] = []): ParamHeader[] {
  if (!isRecord(schema) || !isRecord(schema['properties']) || path.length >= maxDepth) return [];
  return Object.entries(schema['properties'])
    .flatMap(([name, property]) => {
      const own = [...path, name];
      const header = isRecord(property) ? property['x-mcp-header'] : undefined;
      const nested = paramHeadersIn(property, own);
      return typeof header === 'string' && /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/.test(header)
        ? [{ path: own, header: `Mcp-Param-${header}` }, ...nested]
        : nested;
    })
    .slice(0, maxHeaders);
}

/** Those headers for one call, names and values alternating. */
export function paramHeadersOf(wanted: readonly ParamHeader[], args: Readonly<Record<string, unknown>>): string[] {
  return wanted.flatMap(({ path, header }) => {
    const value = argumentAt(args, path);
    const isPlain = ['string', 'number', 'boolean'].includes(typeof value) || value instanceof ExactNumber;
    return isPlain ? [header, encodedHeader(String(value))] : [];
  });
}

/** The argument at a path; undefined where there is none. */
export const argumentAt = (args: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((parent, name) => (isRecord(parent) && Object.hasOwn(parent, name) ? parent[name] : undefined), args);

const wantedHeaders = new WeakMap<McpListed | ToolEntry['definition'], readonly ParamHeader[]>();

type WithSchema = { readonly remote: McpListed } | Pick<ToolEntry, 'remote' | 'definition'>;

/** Which arguments a tool wants in headers, as it is listed. */
export function headersWantedBy(tool: WithSchema): readonly ParamHeader[] {
  const key = 'definition' in tool ? (tool.remote ?? tool.definition) : tool.remote;
  let wanted = wantedHeaders.get(key);
  if (wanted === undefined) {
    const found = paramHeadersIn('text' in key ? JSON.parse(membersOf(key.text)?.get('inputSchema') ?? '{}') : key.input_schema);
    // Where two arguments are to be in one header the annotation is void.
    wanted = new Set(found.map(({ header }) => header.toLowerCase())).size === found.length ? found : [];
    wantedHeaders.set(key, wanted);
  }
  return wanted;
}

/** A text as a header carries it: what HTTP would change or refuse is in Base64, marked as such. */
export function encodedHeader(text: string): string {
  const isSafe = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !/^=\?base64\?.*\?=$/i.test(text);
  return isSafe ? text : `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}
