/** What a request body held. */
export type ParsedBody = { readonly value: unknown } | 'invalid' | 'too_deep';

/** Far more than any tool asks for, and far less than what would overflow the stack of who walks through a value. */
export const maxDepth = 256;

/** Parses JSON that nests at most `maxDepth` levels: deeper, and a validator or a serializer after us would run out of stack. */
export function parseBody(text: string): ParsedBody {
  if (nestsTooDeep(text)) return 'too_deep';
  try {
    return { value: JSON.parse(text) };
  } catch {
    return 'invalid';
  }
}

/** Counts brackets outside strings. A short text cannot hold enough of them, so that most calls are not looked through. */
function nestsTooDeep(text: string): boolean {
  if (text.length <= 2 * maxDepth) return false;
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charCodeAt(index)) {
      case quote:
        index = endOfString(text, index);
        break;
      case openBrace:
      case openBracket:
        depth += 1;
        if (depth > maxDepth) return true;
        break;
      case closeBrace:
      case closeBracket:
        depth -= 1;
    }
  }
  return false;
}

const [quote, backslash, openBrace, openBracket, closeBrace, closeBracket] = [0x22, 0x5c, 0x7b, 0x5b, 0x7d, 0x5d];

/** The position of the quote that ends the string which begins at `start`; the end of the text when nothing does. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === backslash) first -= 1;
  return (at - first) % 2 === 1;
}
