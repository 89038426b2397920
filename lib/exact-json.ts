import { randomUUID } from 'node:crypto';
import { compareDecimals, decimalOf } from './decimal.ts';
import { endOfString } from './json-text.ts';

declare global {
  interface JSON {
    /** ECMAScript's "JSON.parse source text access": what `stringify` writes as it is. TypeScript does not know it yet. */
    rawJSON(text: string): object;
  }
}

/** A number of a JSON text that JavaScript's own numbers would change: kept as it was written, and so written again by `JSON.stringify`. */
export class ExactNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): object {
    return JSON.rawJSON(this.text);
  }

  toString(): string {
    return this.text;
  }
}

export type ExactJson = {
  readonly value: unknown;
  /** Whether `value` holds an `ExactNumber`. */
  readonly isExact: boolean;
};

/** What no text from outside can hold. */
const mark = `${randomUUID()}:`;

/**
 * Parses JSON without rounding: numbers that `JSON.parse` would change, such as 9007199254740993, 1e400 and -0, become `ExactNumber`. Throws what
 * `JSON.parse` throws. Such numbers pass through the parser as marked strings; a reviver would take sixty times as long as the parser itself.
 */
export function parseExactJson(text: string): ExactJson {
  const value: unknown = JSON.parse(text);
  const marked = replaceNumbers(text, (number) => (isKept(number) ? undefined : `"${mark}${number}"`));
  return marked === text ? { value, isExact: false } : { value: unmark(JSON.parse(marked)), isExact: true };
}

/** The first number that no double comes near, such as 1e400. Most readers of JSON take it for infinity or refuse the whole text. */
export function findBeyondDouble(text: string): string | undefined {
  let found: string | undefined;
  replaceNumbers(text, (number) => {
    if (found === undefined && !Number.isFinite(Number(number))) found = number;
    return undefined;
  });
  return found;
}

const loneSurrogate = /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\u[dD][89a-fA-F][\da-fA-F]{2}|\\[^]/g;

/**
 * Valid JSON with each escape of an unpaired surrogate, such as `\ud800`, as that of U+FFFD: the grammar admits them (RFC 8259 §8.2), but they
 * are no text, and readers in Rust and Python refuse the whole message for one.
 */
export function withoutLoneSurrogates(text: string): string {
  if (!/\\u[dD][89a-fA-F]/.test(text)) return text;
  return text.replace(loneSurrogate, (escape) => (escape.length === 6 ? '\\ufffd' : escape));
}

/** `e`, `E`, or a sign of an exponent. */
const isExponent = (code: number): boolean => code === 0x65 || code === 0x45 || code === 0x2b;
const [quote, minus, nine, zero] = [0x22, 0x2d, 0x39, 0x30];
/** Fewer digits than that are always exact, if there is no exponent. */
const shortestInexact = 16;

/** The text with what `replace` answers in the place of numbers that may not be exact; others it is not asked about. */
function replaceNumbers(text: string, replace: (number: string) => string | undefined): string {
  let replaced = '';
  let from = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === quote) index = endOfString(text, index);
    // From the minus to the nine there are only the point and the digits, and a slash that stands in strings alone.
    else if (code >= minus && code <= nine) {
      const start = index;
      let hasExponent = false;
      for (;;) {
        const next = text.charCodeAt(index + 1);
        if (isExponent(next)) hasExponent = true;
        else if (!(next >= minus && next <= nine)) break;
        index += 1;
      }
      const isNegativeZero = code === minus && text.charCodeAt(start + 1) === zero;
      if (index - start < shortestInexact - 1 && !hasExponent && !isNegativeZero) continue;
      const replacement = replace(text.slice(start, index + 1));
      if (replacement === undefined) continue;
      replaced += text.slice(from, start) + replacement;
      from = index + 1;
    }
  }
  return from === 0 ? text : replaced + text.slice(from);
}

/** Whether JavaScript writes the same number again. */
function isKept(number: string): boolean {
  const value = Number(number);
  if (!Number.isFinite(value) || Object.is(value, -0)) return false;
  const written = String(value);
  return written === number || compareDecimals(decimalOf(written), decimalOf(number)) === 0;
}

/** Puts numbers in the place of marked strings, without recursion, as the value may nest deeply. */
function unmark(root: unknown): unknown {
  const top = [root];
  const waiting: object[] = [top];
  for (let container = waiting.pop(); container !== undefined; container = waiting.pop()) {
    for (const [key, child] of Object.entries(container) as [string, unknown][]) {
      if (typeof child === 'object' && child !== null) waiting.push(child);
      else if (typeof child === 'string' && child.startsWith(mark)) {
        const value = new ExactNumber(child.slice(mark.length));
        // Not an assignment, which would set the prototype where the member is called `__proto__`.
        Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
      }
    }
  }
  return top[0];
}
