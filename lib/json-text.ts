/** Walking through the text of JSON, for questions that a parsed value no longer answers. The text need not be valid. */

const backslash = 0x5c;

/** The position of the quote that ends the string which begins at `start`; the end of the text when nothing does. */
export function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === backslash) first -= 1;
  return (at - first) % 2 === 1;
}
