import { parseExactJson } from '@stoa/lib/exact-json.ts';
import type { ExactJson } from '@stoa/lib/exact-json.ts';

/** What a request body held. */
export type ParsedBody = ExactJson | 'invalid';

/** Parses JSON without rounding: a call for the order 1234567890123456789 must not reach the order 1234567890123456800. */
export function parseBody(text: string): ParsedBody {
  try {
    return parseExactJson(text);
  } catch {
    return 'invalid';
  }
}
