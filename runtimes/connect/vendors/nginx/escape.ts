/**
 * Text that lands in a file of nginx. Everything goes through one of these, and each lets through only what cannot end what it stands in: there is no way to
 * write a quote, a semicolon, a brace, a dollar or a line break.
 */

/** A word, such as a number, an address or a name of ours. */
export function word(text: string): string {
  if (!/^[A-Za-z0-9_.:/=[\]-]+$/.test(text)) throw new Error(`${JSON.stringify(text)} cannot stand in a file of nginx.`);
  return text;
}

/** Whether `quoted` takes a text. nginx has no way to write a dollar. */
export const isQuotable = (text: string): boolean => !/[$\u0000-\u001f\u007f]/.test(text);

export function quoted(text: string): string {
  if (!isQuotable(text)) throw new Error(`${JSON.stringify(text)} cannot stand in a file of nginx.`);
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** A literal as part of a regular expression within quotes: all but letters, digits and a few more by its bytes, as nginx compares. */
export function literal(text: string): string {
  return [...Buffer.from(text)].map((byte) => (/[A-Za-z0-9/_]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : hex(byte))).join('');
}

const hex = (byte: number): string => `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;

/** A comment with data: JSON has no line break. */
export const comment = (label: string, value: unknown): string => `# ${label} ${JSON.stringify(value)}`;
