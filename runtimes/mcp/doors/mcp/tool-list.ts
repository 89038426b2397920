import { hash } from 'node:crypto';
import { listedForLegacy } from '../../federation/bridge.ts';
import { parseExactJson } from '@stoa/lib/exact-json.ts';
import type { McpEra, ToolEntry } from '../../model.ts';
import type { ToolDefinition } from '../../snapshot/lifecycle.ts';
import { placeOf } from '../../snapshot/visibility.ts';
import { lifecycleMeta } from './lifecycle-meta.ts';

/** A tool as MCP lists it, alike in every revision we serve. */
export type ListedTool = {
  name: string;
  title?: string;
  description?: string;
  inputSchema: { type: 'object'; [keyword: string]: unknown };
  outputSchema?: { type: 'object'; [keyword: string]: unknown };
  annotations: Record<string, boolean>;
  _meta?: Record<string, unknown>;
};

/** What a list is made of. */
export type Listable = Pick<ToolEntry, 'name' | 'definition' | 'remote'>;

export type ToolPage = {
  readonly tools: readonly ListedTool[];
  readonly nextCursor: string | undefined;
  /** The members `tools` and `nextCursor` as JSON without the braces around them, for a lane that writes bytes. */
  readonly bytes: Buffer;
};

/** Most hosts show a model everything listed; the few that do not page still get this many. */
export const toolsPerPage = 500;

/** A tool as text, made once for as long as there is its definition. */
type Listed = {
  readonly serial: number;
  readonly text: string;
  /** Where older revisions are shown another one. */
  readonly legacy: string | undefined;
};
const listed = new WeakMap<ToolDefinition, Listed>();
let serials = 0;

/** Pages by what is on them, so that whoever sees the same tools is sent the same bytes; the page that was not asked for longest goes first. */
const pages = new Map<string, Buffer>();
const maxPageBytes = 64 * 1024 * 1024;
let pageBytes = 0;
/** The names of a list's pages, by their beginnings. */
const pageNames = new WeakMap<readonly Listable[], Map<string, string>>();

/**
 * One page of a list, which is ordered by name so that two generations differ only where their tools do. The cursor names the last tool
 * of the page before, hence a page stays right when tools come or go in between. Undefined for a cursor that is none of ours.
 */
export function pageOf(entries: readonly Listable[], cursor: string | undefined, era: McpEra = 'modern'): ToolPage | undefined {
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  if (cursor !== undefined && after === undefined) return undefined;
  const start = after === undefined ? 0 : placeAfter(entries, after);
  const end = Math.min(start + toolsPerPage, entries.length);
  const last = entries[end - 1];
  const nextCursor = end < entries.length && last !== undefined ? encodeCursor(last.name) : undefined;
  return {
    get tools() {
      return entries.slice(start, end).map((entry) => toListed(entry, era));
    },
    nextCursor,
    get bytes() {
      return bytesOf(entries, { start, end, era }, nextCursor);
    },
  };
}

/** Whether two tools look the same in a list. */
export function isListedAlike(one: Listable, other: Listable): boolean {
  return one.definition === other.definition || listedOf(one).text === listedOf(other).text;
}

function placeAfter(entries: readonly Listable[], name: string): number {
  const place = placeOf(entries, name);
  return entries[place]?.name === name ? place + 1 : place;
}

type Span = { readonly start: number; readonly end: number; readonly era: McpEra };

function bytesOf(entries: readonly Listable[], span: Span, nextCursor: string | undefined): Buffer {
  const name = pageNames.get(entries)?.get(placeName(span)) ?? nameOf(entries, span);
  const known = pages.get(name);
  if (known !== undefined) {
    pages.delete(name);
    pages.set(name, known);
    return known;
  }
  const { start, end, era } = span;
  const texts = entries.slice(start, end).map((entry) => textFor(listedOf(entry), era));
  const more = nextCursor === undefined ? '' : `,"nextCursor":${JSON.stringify(nextCursor)}`;
  const bytes = Buffer.from(`"tools":[${texts.join(',')}]${more}`);
  // Only beginnings that our own cursors lead to are kept: a cursor can be made to point anywhere.
  if (start % toolsPerPage === 0) keep(name, bytes);
  return bytes;
}

const placeName = ({ start, era }: Span): string => `${era} ${start}`;
const textFor = ({ text, legacy }: Listed, era: McpEra): string => (era === 'legacy' ? (legacy ?? text) : text);

/** Says which tools are on a page, whether some are shown otherwise to an older client, and whether there are more. */
function nameOf(entries: readonly Listable[], span: Span): string {
  const { start, end, era } = span;
  const shown = entries.slice(start, end).map(listedOf);
  const serialsOfPage = Uint32Array.from(shown, ({ serial }) => serial);
  const isOther = era === 'legacy' && shown.some(({ legacy }) => legacy !== undefined);
  const name = `${hash('sha256', serialsOfPage, 'base64')} ${isOther} ${end < entries.length}`;
  const names = pageNames.get(entries) ?? new Map<string, string>();
  pageNames.set(entries, names);
  if (start % toolsPerPage === 0) names.set(placeName(span), name);
  return name;
}

function keep(name: string, bytes: Buffer): void {
  pages.set(name, bytes);
  pageBytes += bytes.length;
  for (const [oldest, { length }] of pages) {
    if (pageBytes <= maxPageBytes) break;
    pages.delete(oldest);
    pageBytes -= length;
  }
}

function listedOf({ definition, remote }: Listable): Listed {
  let known = listed.get(definition);
  if (known === undefined) {
    const text = remote?.text ?? JSON.stringify(listedTool(definition));
    const legacy = remote === undefined ? text : listedForLegacy(text);
    known = { serial: (serials += 1), text, legacy: legacy === text ? undefined : legacy };
    listed.set(definition, known);
  }
  return known;
}

/** As an object, for who writes it himself. */
export function toListed(entry: Listable, era: McpEra): ListedTool {
  return entry.remote === undefined ? listedTool(entry.definition) : (parseExactJson(textFor(listedOf(entry), era)).value as ListedTool);
}

function listedTool(definition: ToolDefinition): ListedTool {
  const { name, title, description, input_schema, output_schema, annotations } = definition;
  const meta = lifecycleMeta(definition);
  return {
    name,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    // Every revision wants `type: object` at the root; the contract says that both schemas describe objects.
    inputSchema: { ...input_schema, type: 'object' },
    ...(output_schema !== undefined && { outputSchema: { ...output_schema, type: 'object' } }),
    annotations: { ...annotations },
    ...(meta !== undefined && { _meta: { ...meta } }),
  };
}

function encodeCursor(name: string): string {
  return Buffer.from(name).toString('base64url');
}

function decodeCursor(cursor: string): string | undefined {
  const name = Buffer.from(cursor, 'base64url').toString('utf8');
  return /^[A-Za-z0-9_.-]{1,64}$/.test(name) && encodeCursor(name) === cursor ? name : undefined;
}
