import type { IncomingHttpHeaders } from 'node:http';
import { compareDecimals, decimalOf } from '@stoa/lib/decimal.ts';
import { ExactNumber } from '@stoa/lib/exact-json.ts';
import { argumentAt, headersWantedBy } from '../../federation/param-headers.ts';
import type { ParamHeader } from '../../federation/param-headers.ts';
import type { Snapshot } from '../../model.ts';
import { revisionSaidIn } from '../../revisions/revisions.ts';
import { errorCode, idOf, isObject } from './json-rpc.ts';
import type { RefusedRequest } from './malformed.ts';
import { isSearching, seenBy } from './search/search-tools.ts';
import type { Seeing } from './search/search-tools.ts';

/** Whether arguments of a tool are to be in headers too: then a call of it is compared before it is made. */
export function hasParamHeaders({ tools }: Pick<Snapshot, 'tools'>, name: unknown): boolean {
  const tool = typeof name === 'string' ? tools.get(name) : undefined;
  return tool !== undefined && headersWantedBy(tool).length > 0;
}

/**
 * Refuses a call whose headers `Mcp-Param-*` say something else than its arguments: what stands between has decided by them (MCP 2026-07-28 "Server behavior for custom headers"). Only
 * what a client was listed is compared, so that nobody learns of a tool by it.
 */
export function refuseParamHeaders(seeing: Seeing, headers: IncomingHttpHeaders, message: unknown): RefusedRequest | undefined {
  if (!isObject(message) || message['method'] !== 'tools/call' || !isObject(message['params']) || revisionSaidIn(headers).era === 'legacy')
    return undefined;
  const { name, arguments: args = {} } = message['params'];
  if (!hasParamHeaders(seeing.snapshot, name) || !isObject(args) || isSearching(seeing.snapshot, seeing.caller)) return undefined;
  const tool = seenBy(seeing)(String(name));
  for (const wanted of tool === undefined ? [] : headersWantedBy(tool)) {
    const fault = faultOf(wanted, argumentAt(args, wanted.path), headers);
    if (fault === undefined) continue;
    const body = ['params', 'arguments', ...wanted.path].join('.');
    const error = {
      code: errorCode.headerMismatch,
      message: `Header mismatch: ${wanted.header} ${fault} ${body}.`,
      data: { mismatch: { header: wanted.header, body } },
    };
    return { id: idOf(message) ?? 0, error };
  }
  return undefined;
}

function faultOf({ header }: ParamHeader, value: unknown, headers: IncomingHttpHeaders): string | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  const said = headers[header.toLowerCase()];
  // A client in JavaScript has no exact text of such a number, and leaves its header out.
  const isOptional = value instanceof ExactNumber || (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value));
  if (said === undefined) return isOptional ? undefined : 'is missing, which has to repeat';
  const decoded = typeof said === 'string' ? decodedHeader(said) : undefined;
  if (decoded === undefined) return 'is no valid Base64, and has to repeat';
  return decoded === text || (typeof value !== 'string' && isSameNumber(decoded, text)) ? undefined : 'says something else than';
}

const textOf = (value: unknown): string | undefined =>
  ['string', 'number', 'boolean'].includes(typeof value) || value instanceof ExactNumber ? String(value) : undefined;

const isDecimal = (text: string): boolean => /^-?\d{1,400}(\.\d{1,400})?$/.test(text);

/** 42.0 is 42. */
const isSameNumber = (one: string, other: string): boolean =>
  isDecimal(one) && isDecimal(other) && compareDecimals(decimalOf(one), decimalOf(other)) === 0;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What a header carries; undefined for what is marked as Base64 and is none, or none of UTF-8. */
function decodedHeader(said: string): string | undefined {
  const encoded = /^=\?base64\?(.*)\?=$/.exec(said)?.[1];
  if (encoded === undefined) return said;
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') !== encoded) return undefined;
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}
