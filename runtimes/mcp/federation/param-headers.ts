import { ExactNumber } from '@stoa/lib/exact-json.ts';

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
    const value = path.reduce<unknown>((parent, name) => (isRecord(parent) ? parent[name] : undefined), args);
    const isPlain = ['string', 'number', 'boolean'].includes(typeof value) || value instanceof ExactNumber;
    return isPlain ? [header, encodedHeader(String(value))] : [];
  });
}

/** A text as a header carries it: what HTTP would change or refuse is in Base64, marked as such. */
export function encodedHeader(text: string): string {
  const isSafe = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !/^=\?base64\?.*\?=$/i.test(text);
  return isSafe ? text : `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}
