import { resolve } from 'node:path';
import { Secret } from './secret.ts';
import { addressPattern, durationPattern, labelPattern, schemas, urlPattern } from './setting-schemas.ts';
import type { Matching, SettingSchema } from './setting-schemas.ts';

/** What a parser answers: the value, or the end of a sentence that begins with the setting's name. */
export type Parsed<T> = { value: T } | { fault: string };

/** One row of a table of settings. Made by the functions of `setting`. */
export type Setting<T> = {
  readonly kind: string;
  readonly describe: string;
  /** The environment variable, where it is not the one derived from the key. */
  readonly env: string | undefined;
  readonly required: boolean;
  /** The default as written in the table: it goes through `parse` like any other source. */
  readonly fallback: unknown;
  readonly secret: boolean;
  /** Set but empty is as good as not set, in the environment: so the world turns a proxy off. */
  readonly blankIsAbsent: boolean;
  /** JSON Schema of what a file may give: it takes all that `parse` takes, and refuses what can be refused without a program. */
  readonly schema: SettingSchema;
  /** A value as text, where its own is not enough for a reader: a number that has a unit. */
  show?(value: T): string;
  /** Takes text (environment), or what YAML made of a value (file). */
  readonly parse: (raw: unknown) => Parsed<T>;
};

type Common<T> = {
  describe: string;
  /** Overrides the derived variable, for names the world has fixed (`DATABASE_URL`). */
  env?: string;
  blankIsAbsent?: true;
  /** A further rule: answers the end of a sentence ("must …") for a value it refuses. */
  check?: (value: T) => string | undefined;
};
type Presence<Raw> = { default?: Raw; optional?: true };
type Options<T, Raw = T> = Common<T> & Presence<Raw>;
type Value<T, O> = O extends { optional: true } ? T | undefined : T;

export type Address = { readonly host: string; readonly port: number };

/** The types a setting may have. One without `default` and without `optional: true` is required. */
export const setting = {
  string: <const O extends Options<string> & Matching>(options: O) =>
    make<string, O>('text', options, schemas.text(options), (raw) => matching(raw, options)),

  /** Accepts `<ENV>_FILE` too: the path of a file whose trimmed content is the value. */
  secret: <const O extends Common<string> & { optional?: true } & Matching>(options: O): Setting<Value<Secret, O>> => {
    const { check, ...rest } = options;
    const parse = (raw: unknown): Parsed<Secret> => mapParsed(checked(matching(raw, options), check), (value) => Secret.of(value));
    return { ...make<Secret, O>('secret', rest as O, { ...schemas.text(options), writeOnly: true }, parse), secret: true };
  },

  /** An absolute URL without query and fragment, and without trailing slash, so that a path can be appended. `protocols` defaults to http and https. */
  url: <const O extends Options<string> & { protocols?: readonly string[] }>(options: O) => {
    const protocols = options.protocols ?? ['http:', 'https:'];
    return make<string, O>('url', options, schemas.url(protocols), (raw) => url(raw, protocols));
  },

  /** `host:port`, IPv6 in brackets. */
  address: <const O extends Options<Address, string>>(options: O) => make<Address, O>('host:port', options, schemas.address, address),

  port: <const O extends Options<number>>(options: O) =>
    make<number, O>('port', options, schemas.integer(0, 65_535), (raw) => integer(raw, 0, 65_535)),

  /** `unit` is what its name or its description says, and is shown with the value. */
  integer: <const O extends Options<number> & { min?: number; max?: number; unit?: string }>(options: O): Setting<Value<number, O>> => {
    const { min, max, unit } = options;
    const made = make<number, O>('integer', options, schemas.integer(min, max), (raw) => integer(raw, min, max));
    return unit === undefined ? made : { ...made, show: (value) => (value === undefined ? 'not set' : `${value}${unit}`) };
  },

  /** A number of milliseconds, or a number with a unit: `250ms`, `30s`, `5m`, `1h`. */
  durationMs: <const O extends Options<number, number | string> & { minMs?: number; maxMs?: number }>(options: O): Setting<Value<number, O>> => ({
    ...make<number, O>('duration', options, schemas.duration(options.minMs ?? 0, options.maxMs), (raw) =>
      duration(raw, options.minMs ?? 0, options.maxMs),
    ),
    show: durationText,
  }),

  boolean: <const O extends Options<boolean>>(options: O) => make<boolean, O>('true|false', options, schemas.boolean, boolean),

  choice: <const C extends string, const O extends Options<C> & { choices: readonly C[] }>(options: O & { choices: readonly C[] }) =>
    make<C, O>(options.choices.join('|'), options, { enum: options.choices }, (raw) => choice(raw, options.choices)),

  /** Made absolute against the working directory. */
  path: <const O extends Options<string>>(options: O) =>
    make<string, O>('path', options, schemas.text({}), (raw) => mapParsed(text(raw), (value) => resolve(value))),

  /** `key=value,key=value`; in a file also a map. */
  labels: <const O extends Options<Readonly<Record<string, string>>>>(options: O) =>
    make<Readonly<Record<string, string>>, O>('key=value,…', options, schemas.labels, labels),

  /** `one,two`; in a file also a list. */
  list: <const O extends Options<readonly string[]>>(options: O) => make<readonly string[], O>('a,b,…', options, schemas.list, list),
};

function make<T, O extends Common<never> & Presence<unknown>>(
  kind: string,
  options: O,
  schema: SettingSchema,
  parse: (raw: unknown) => Parsed<T>,
): Setting<Value<T, O>> {
  const check = options.check as ((value: T) => string | undefined) | undefined;
  return {
    kind,
    describe: options.describe,
    env: options.env,
    required: options.optional !== true && options.default === undefined,
    fallback: options.default,
    secret: false,
    blankIsAbsent: options.blankIsAbsent === true,
    schema,
    // Value<T, O> is T or T | undefined; the undefined comes from absence, never from a parser.
    parse: (raw) => checked(parse(raw), check),
  };
}

function checked<T>(parsed: Parsed<T>, check: ((value: T) => string | undefined) | undefined): Parsed<T> {
  if ('fault' in parsed || check === undefined) return parsed;
  const fault = check(parsed.value);
  return fault === undefined ? parsed : { fault };
}

function mapParsed<T, U>(parsed: Parsed<T>, change: (value: T) => U): Parsed<U> {
  return 'fault' in parsed ? parsed : { value: change(parsed.value) };
}

function matching(raw: unknown, { matches }: Matching): Parsed<string> {
  if (matches === undefined) return text(raw);
  if (typeof raw !== 'string') return { fault: 'must be text: put it in quotes' };
  const parsed = text(raw);
  if ('fault' in parsed || matches.pattern.test(parsed.value)) return parsed;
  return { fault: matches.says };
}

function text(raw: unknown): Parsed<string> {
  if (typeof raw !== 'string' && typeof raw !== 'number' && typeof raw !== 'boolean') return { fault: 'must be a single value' };
  const value = String(raw).trim();
  return value === '' ? { fault: 'is empty: give it a value, or remove it' } : { value };
}

/** Parts of a URL that no setting of ours has a use for, and what is said of each. */
const refusedParts: readonly (readonly [RegExp, string])[] = [
  [/^[a-z]+:\/\/[^/?#]*@/i, 'must not carry a user name or password'],
  [/^[^?#]*#/, 'must not have a fragment: remove the # and what follows it'],
  [/^[^#]*\?/, 'must not have a query: remove the ? and what follows it'],
];

function url(raw: unknown, protocols: readonly string[]): Parsed<string> {
  const parsed = text(raw);
  if ('fault' in parsed) return parsed;
  const [, fault] = refusedParts.find(([part]) => part.test(parsed.value)) ?? [];
  if (fault !== undefined) return { fault };
  const wanted = protocols.map((protocol) => `${protocol}//`).join(' or ');
  if (!urlPattern(protocols).test(parsed.value) || !URL.canParse(parsed.value)) return { fault: `must be a URL that begins with ${wanted}` };
  return { value: parsed.value.replace(/\/+$/, '') };
}

function address(raw: unknown): Parsed<Address> {
  const parsed = text(raw);
  if ('fault' in parsed) return parsed;
  const match = addressPattern.exec(parsed.value);
  const host = match?.groups?.['v6'] ?? match?.groups?.['name'];
  const port = Number(match?.groups?.['port']);
  if (host === undefined || port > 65_535) return { fault: 'must be host:port, such as 127.0.0.1:8080 or [::1]:8080' };
  return { value: Object.freeze({ host, port }) };
}

function integer(raw: unknown, min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): Parsed<number> {
  const parsed = text(raw);
  if ('fault' in parsed) return parsed;
  const value = Number(parsed.value);
  if (!/^-?\d+$/.test(parsed.value) || !Number.isSafeInteger(value)) return { fault: 'must be a whole number' };
  if (value < min || value > max) return { fault: `must be ${range(min, max, String)}` };
  return { value };
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function duration(raw: unknown, minMs: number, maxMs = Number.MAX_SAFE_INTEGER): Parsed<number> {
  const parsed = text(raw);
  if ('fault' in parsed) return parsed;
  const match = durationPattern.exec(parsed.value);
  if (match === null) return { fault: 'must be a duration such as 250ms, 30s, 5m or 1h' };
  const value = Number(match[1]) * (unitsMs[match[2] ?? 'ms'] ?? 1);
  if (value < minMs || value > maxMs) return { fault: `must be ${range(minMs, maxMs, durationText)}` };
  return { value };
}

/** In the largest unit in which it is a whole number, as a setting may be written. */
function durationText(ms: number | undefined): string {
  if (ms === undefined) return 'not set';
  const [unit, size] = Object.entries(unitsMs).findLast(([, each]) => ms >= each && ms % each === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

function range(min: number, max: number, show: (value: number) => string): string {
  if (max === Number.MAX_SAFE_INTEGER) return `at least ${show(min)}`;
  if (min === Number.MIN_SAFE_INTEGER) return `at most ${show(max)}`;
  return `between ${show(min)} and ${show(max)}`;
}

function boolean(raw: unknown): Parsed<boolean> {
  const parsed = text(raw);
  const value = 'value' in parsed ? parsed.value : '';
  if (value === 'true' || value === '1') return { value: true };
  if (value === 'false' || value === '0') return { value: false };
  return { fault: 'must be true or false' };
}

function choice<C extends string>(raw: unknown, choices: readonly C[]): Parsed<C> {
  const found = choices.find((candidate) => candidate === raw);
  return found === undefined ? { fault: `must be one of ${choices.join(', ')}` } : { value: found };
}

function list(raw: unknown): Parsed<readonly string[]> {
  const items = typeof raw === 'string' ? raw.split(',') : raw;
  if (!Array.isArray(items)) return { fault: 'must be a list' };
  const parsed = items.map(text);
  if (parsed.some((item) => 'fault' in item)) return { fault: 'must be a list of values, none of them empty' };
  return { value: Object.freeze(parsed.flatMap((item) => ('value' in item ? [item.value] : []))) };
}

function labels(raw: unknown): Parsed<Readonly<Record<string, string>>> {
  const fault = { fault: 'must be labels such as region=eu,tier=gold' };
  const pairs = labelPairs(raw);
  if (pairs === undefined) return fault;
  const value: Record<string, string> = {};
  for (const [key, content] of pairs) {
    if (!labelPattern.test(key) || content === undefined) return fault;
    if (Object.hasOwn(value, key)) return { fault: `names the label ${key} twice` };
    value[key] = content;
  }
  return { value: Object.freeze(value) };
}

function labelPairs(raw: unknown): [string, string | undefined][] | undefined {
  if (typeof raw === 'string') {
    return raw.split(',').map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [pair.trim(), undefined] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    });
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return undefined;
  return Object.entries(raw).map(([key, content]) => {
    const parsed = content === '' ? { value: '' } : text(content);
    return [key, 'value' in parsed ? parsed.value : undefined];
  });
}
