/** Text that cannot be written into a request; the message ends a sentence that begins with the argument's name. */
export class ArgumentFault extends Error {}

/** How one piece of a value is written: a name or a value, never the delimiters between them. */
export type Encode = (text: string) => string;

/** Everything but RFC 3986's unreserved characters as percent triples, so that no value can end its place. */
export const encodeStrict: Encode = (text) => {
  if (!text.isWellFormed()) throw new ArgumentFault('must be well-formed Unicode');
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
};

/**
 * OpenAPI's `allowReserved`, for query values: reserved characters stay as they are, except those that would end the query (`#`),
 * the parameter (`&`), or mean something else to a form decoder (`+`), and brackets, which RFC 3986 §3.4 keeps out of a query.
 */
export const encodeReserved: Encode = (text) =>
  encodeStrict(text).replace(/%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B|3D)/g, (triple) => decodeURIComponent(triple));

/** A header field value is written as it is; what could end it or smuggle another is refused (RFC 9110 §5.5). */
export const encodeHeader: Encode = (text) => {
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) throw new ArgumentFault('must be text that a header can carry: Latin-1, no line breaks');
  return text;
};

/** A value inside an array or object, or alone, as text. Deeper values have no form in OpenAPI's styles and are written as JSON. */
export function scalarText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value !== null && typeof value === 'object') return JSON.stringify(value);
  return String(value);
}
