/** What a request body held. `inexact` is the text of a number that JavaScript cannot hold as it was written. */
export type ParsedBody = { readonly value: unknown; readonly inexact: string | undefined } | 'invalid' | 'too_deep';

/** Far more than any tool asks for, and far less than what would overflow the stack of who walks through a value. */
export const maxDepth = 256;

/**
 * Parses JSON that nests at most `maxDepth` levels: deeper, and a validator or a serializer after us would run out of stack. Looks for whole
 * numbers that would be rounded: a call for the order 1234567890123456789 must not reach the order 1234567890123456800.
 */
export function parseBody(text: string): ParsedBody {
  if (nestsTooDeep(text)) return 'too_deep';
  try {
    return { value: JSON.parse(text), inexact: manyDigits.test(text) ? findInexact(text) : undefined };
  } catch {
    return 'invalid';
  }
}

/** What holds no such run of digits, nor such an exponent, is exact. */
const manyDigits = /\d{16}|\d[eE]\+?\d{3}/;

/** The first number of a valid JSON text that is not what it says. One pass: a reviver would take sixty times as long as the parser itself. */
function findInexact(text: string): string | undefined {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === quote) index = endOfString(text, index);
    else if (isOfNumber(code)) {
      const start = index;
      while (isOfNumber(text.charCodeAt(index + 1))) index += 1;
      if (index - start >= shortestInexact - 1 && !isExact(text.slice(start, index + 1))) return text.slice(start, index + 1);
    }
  }
  return undefined;
}

/** `1e309`; whole numbers are exact for longer. */
const shortestInexact = 5;

function isOfNumber(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2b || code === 0x2e || code === 0x45 || code === 0x65;
}

function isExact(number: string): boolean {
  // The `e` of `true` and `false`.
  if (!/^-?\d/.test(number)) return true;
  const value = Number(number);
  if (!Number.isFinite(value)) return false;
  return !/^-?\d+$/.test(number) || BigInt(number) === BigInt(value);
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
