import { parseExactJson } from '@stoa/lib/exact-json.ts';
import type { ExactJson } from '@stoa/lib/exact-json.ts';
import { nestsDeeperThan } from '@stoa/lib/json-text.ts';

/** What a request body held. */
export type ParsedBody = ExactJson | 'invalid' | 'too_deep';

/** Far more than any tool asks for, and far less than what would overflow the stack of who walks through a value. */
export const maxDepth = 256;

/**
 * Parses JSON that nests at most `maxDepth` levels: deeper, and a validator or a serializer after us would run out of stack. A call for the
 * order 1234567890123456789 must not reach the order 1234567890123456800, hence without rounding.
 */
export function parseBody(text: string): ParsedBody {
  if (nestsDeeperThan(text, maxDepth)) return 'too_deep';
  try {
    return parseExactJson(text);
  } catch {
    return 'invalid';
  }
}
