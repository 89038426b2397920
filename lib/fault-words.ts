import { nearestName } from './nearest-name.ts';

/** A schema of the contract, as far as its words go. */
export type FaultySchema = Readonly<Record<string, unknown>>;
/** What a keyword found: its value in the schema, the schema that it stands in, and the member that it speaks of, where it speaks of one. */
type FaultFinding = { readonly value: unknown; readonly schema: FaultySchema; readonly member?: string | undefined };

/** Longer than any name of the contract: how near a name is takes time in proportion to its length. */
const maxNameLength = 64;

/** What a pattern of the contract demands; a pattern says it to nobody. */
const patterns: Readonly<Record<string, string>> = {
  '^(?:URI:[A-Za-z][A-Za-z0-9+.-]*:[!-~]+|DNS:[A-Za-z0-9._-]+|email:[!-~]+@[!-~]+)$':
    'must be a name of a certificate with its type, such as URI:spiffe://bank.example/agents/helpdesk, DNS:agent.example or email:agent@bank.example',
  '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$': 'must be lower-case letters, digits and hyphens, 63 at most, such as my-api',
  '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$':
    'must be letters, digits, dots, underscores and hyphens, 128 at most, and begin with a letter or digit, such as kong-prod-01',
  '^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$':
    'must be letters, digits, dots, underscores, slashes and hyphens, 63 at most, and begin with a letter or digit, such as region',
  '^[A-Za-z0-9-]{1,64}$': 'must be letters, digits and hyphens, 64 at most, such as X-Api-Key',
  "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$": 'must be the name of a header, such as X-Api-Key: no spaces or colons, 128 characters at most',
  "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$": 'must be the name of a scheme of HTTP authentication, such as Bearer, 64 characters at most',
  '^[^:\\x00-\\x1f\\x7f]+$': 'must be a name without colons and control characters',
  '^https?://[^\\s?#]+(\\?[^\\s#]*)?$': 'must be a URL of https, or of http on loopback, such as https://id.example.com/token',
  '^[a-z][a-z0-9+.-]*:[^\\s#]+$': 'must be an absolute URI without a fragment, such as https://orders.example.com',
  '^v[0-9]{1,8}([.-][a-z0-9]{1,16}){0,3}$':
    'must be a version such as v2 or v2.1: v and a number, then parts of lower-case letters and digits behind dots or hyphens',
  '^https?://[!#-;=?-\\[\\]_a-z~%A-Z0-9]+$':
    'must be a URL of http or https without spaces, quotes and angle brackets, such as https://orders.example.com/versions',
  '^[A-Za-z][A-Za-z0-9-]{0,30}_$': 'must be a letter, at most 30 letters, digits and hyphens, and an underscore, such as tickets_',
  '^[a-z_]{1,64}$': 'must be lower-case letters and underscores, 64 at most',
  '^[A-Za-z0-9_-]{1,64}$': 'must be letters, digits, underscores and hyphens, 64 at most, such as orders_list',
  '^[^=]{1,63}=': 'must be a label as key=value, such as region=eu, the key of 63 characters at most',
  '^sha256:[0-9a-f]{64}$': 'must be sha256: and 64 hexadecimal digits, as the configuration gives it',
  '^[0-9]{1,18}$': 'must be a number of 18 digits at most, as an event gives it',
  '^[a-z-]{1,32}\\.(read|write)$': 'must be a permission, such as apis.read',
  '^([01][0-9]|2[0-3]):[0-5][0-9]$': 'must be a time of the day such as 08:00',
  '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$': 'must be a time of the day such as 18:00, or 24:00 for midnight',
  '^[^@\\s]+@[^@\\s]+$': 'must be an address such as ada@example.com',
  '^https?://': 'must be a URL that begins with http:// or https://',
  '^[A-Za-z_][A-Za-z0-9_]{0,127}$': 'must be the name of a variable: letters, digits and underscores, such as ORDERS_KEY',
  '^[A-Z]{1,16}$': 'must be the name of a method in capital letters, such as GET, 16 at most',
  '^[A-Za-z0-9_.-]{1,64}$': 'must be the name of a tool: letters, digits, underscores, dots and hyphens, 64 at most, such as look_up_order',
  '^[0-9a-f]{64}$': 'must be 64 hexadecimal digits in lower case',
  '^[\\x20-\\x7e]+$': 'must be printable ASCII: letters, digits, punctuation and spaces',
  '^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,256}$':
    'must be the name of a scope, such as orders:read: printable ASCII without spaces, quotes and backslashes, 256 characters at most',
  '^(api|operation|consumer|door|gateway)(,(api|operation|consumer|door|gateway))*$':
    'must be one or more of api, operation, consumer, door, gateway, with commas between them, such as api,consumer',
  '^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$':
    'must be a path such as /orders/v2, without a slash at its end: letters, digits, dots, underscores, tildes and hyphens',
  '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?([.][a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$': 'must be the name of a host in lower case, such as api.example.com',
};

const formats: Readonly<Record<string, string>> = {
  uuid: 'must be an id such as 5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11, as the list of what is meant gives it',
  'date-time': 'must be an instant with its zone, such as 2026-11-22T18:24:00Z',
  binary: 'must be a file',
  uri: 'must be a URL such as https://api.example.com',
};

const types: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
};

type Words = (finding: FaultFinding) => string;

/** For each keyword that the contract uses, the end of a sentence that begins with the member at fault: what it must be, so that it can be mended. */
export const faultWords: Readonly<Record<string, Words>> = {
  type: ({ schema }) => `must be ${describe(schema)}`,
  enum: ({ schema }) => `must be ${describe(schema)}`,
  const: ({ schema }) => `must be ${describe(schema)}`,
  minimum: ({ schema }) => `must be ${describe(schema)}`,
  maximum: ({ schema }) => `must be ${describe(schema)}`,
  pattern: ({ value }) => patterns[String(value)] ?? `must be text of the form ${String(value)}`,
  format: ({ value }) => formats[String(value)] ?? `must be a ${String(value)}`,
  minLength: ({ value }) => (value === 1 ? 'must not be empty' : `must have at least ${String(value)} characters`),
  maxLength: ({ value }) => `must have at most ${String(value)} characters`,
  uniqueItems: () => 'must not hold the same entry twice',
  minItems: ({ value }) => (value === 1 ? 'must not be an empty list; leave it out to name none' : `must have at least ${String(value)} entries`),
  maxItems: ({ value }) => `must have at most ${String(value)} entries`,
  minProperties: ({ value, schema }) => `must have at least ${some(value, schema)}`,
  maxProperties: ({ value, schema }) => `must have at most ${some(value, schema)}`,
  required: () => 'is required',
  dependentRequired: ({ value }) =>
    `must have ${Object.entries(value as Readonly<Record<string, readonly string[]>>)
      .map(([member, others]) => `${others.join(' and ')} where it has ${member}`)
      .join(', and ')}`,
  additionalProperties: ({ schema, member = '' }) => notKnown(member, Object.keys((schema['properties'] as object | undefined) ?? {})),
  propertyNames: ({ value }) =>
    `is no name that is taken here: it ${faultWords['pattern']?.({ value: (value as FaultySchema)['pattern'], schema: {} })}`,
  not: ({ value }) => `must not be ${describe(value as FaultySchema)}`,
  anyOf: (finding) => wordsFor('oneOf', finding),
  oneOf: ({ value }) => `must be ${oneOfThem((value as FaultySchema[]).map(describe))}`,
};

/** The end of a sentence for a keyword. What the contract does not use yet is told in words that are true of every keyword. */
export const wordsFor = (keyword: string, finding: FaultFinding): string =>
  (faultWords[keyword] ?? (() => `is not what the API reference says of it (${keyword})`))(finding);

/** What is said of a member or a parameter that is none of `known`. */
export function notKnown(name: string, known: readonly string[]): string {
  const meant = nearestName(name.slice(0, maxNameLength), known);
  return `is not known here; remove it${meant === undefined ? '' : `, or did you mean ${meant}?`}`;
}

/** What a value may be by its schema, in a few words. */
export function describe(schema: FaultySchema): string {
  if (Array.isArray(schema['enum']))
    return schema['enum'].length === 1 ? String(schema['enum'][0]) : `one of ${schema['enum'].map(String).join(', ')}`;
  if (schema['const'] !== undefined) return String(schema['const']);
  const names = [schema['type'] ?? []].flat().map((type) => types[String(type)] ?? String(type));
  const bounds = [schema['minimum'], schema['maximum']];
  if (bounds.every((bound) => bound === undefined) || names.length !== 1) return oneOfThem(names);
  const [from, to] = bounds;
  return `${names[0]} ${from === undefined ? `of at most ${String(to)}` : to === undefined ? `of at least ${String(from)}` : `from ${String(from)} to ${String(to)}`}`;
}

const oneOfThem = (words: readonly string[]): string => [...new Set(words)].join(', or ') || 'what the API reference says';

function some(count: unknown, schema: FaultySchema): string {
  const names = Object.keys((schema['properties'] as object | undefined) ?? {});
  return names.length === 0 ? `${String(count)} entries` : `${String(count)} of ${names.join(', ')}`;
}
