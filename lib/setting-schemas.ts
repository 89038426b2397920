/** A JSON Schema, of words that all drafts share. */
export type SettingSchema = Readonly<Record<string, unknown>>;

/** What text must look like, and how that is said ("must …"). Better than a `check`, because the schema can say it too. */
export type Matching = { matches?: { readonly pattern: RegExp; readonly says: string } };

export const durationPattern = /^(\d{1,15})\s*(ms|s|m|h)?$/;
export const addressPattern = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<name>[^:\s[\]]+)):(?<port>\d{1,5})$/;
export const labelPattern = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;
export const urlPattern = (protocols: readonly string[]) => new RegExp(`^(?:${protocols.join('|')})//[^\\s/?#@]+(?:/[^\\s?#]*)?$`);

const single = ['string', 'number', 'boolean'];
// Values are trimmed before they are judged.
const padded = (source: string): string => `^\\s*(?:${unanchored(source)})\\s*$`;
const unanchored = (source: string): string => source.replace(/^\^|\$$/g, '');
const text = (pattern: string): SettingSchema => ({ type: 'string', pattern: padded(pattern) });
const label = unanchored(labelPattern.source);

function number(minimum: number | undefined, maximum: number | undefined, pattern: string): SettingSchema {
  const bounds = { ...(minimum !== undefined && { minimum }), ...(maximum !== undefined && { maximum }) };
  return { anyOf: [{ type: 'integer', ...bounds }, text(pattern)] };
}

/** What a file may give, for each type of setting. */
export const schemas = {
  /** A pattern is for text: a number that YAML made of it (007, 1e3) is no longer what was written. */
  text: ({ matches }: Matching): SettingSchema => (matches === undefined ? { type: single, pattern: '\\S' } : text(matches.pattern.source)),
  url: (protocols: readonly string[]): SettingSchema => text(urlPattern(protocols).source),
  address: text(addressPattern.source.replaceAll(/\?<\w+>/g, '?:')),
  integer: (min?: number, max?: number): SettingSchema => number(min, max, '-?\\d+'),
  duration: (minMs: number, maxMs?: number): SettingSchema => number(minMs, maxMs, durationPattern.source),
  boolean: { anyOf: [{ enum: [true, false, 1, 0] }, text('true|false|1|0')] },
  labels: {
    anyOf: [
      { type: 'string', pattern: `^\\s*${label}\\s*=[^,]*(?:,\\s*${label}\\s*=[^,]*)*$` },
      { type: 'object', propertyNames: { pattern: labelPattern.source }, additionalProperties: { type: single, pattern: '^$|\\S' } },
    ],
  },
  list: {
    anyOf: [
      { type: 'string', pattern: '^\\s*[^\\s,][^,]*(?:,\\s*[^\\s,][^,]*)*$' },
      { type: 'array', items: { type: single, pattern: '\\S' } },
    ],
  },
} as const;
