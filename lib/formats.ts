import type { Format } from 'ajv';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { isPattern } from './pattern-syntax.ts';
import { compilePattern } from './pattern.ts';
import type { Pattern } from './pattern.ts';

const maxHostname = 254;
const maxIpv6 = 45;

/** The regular expression of a format of ajv-formats, run by the linear engine, compiled at its first use. */
function linear(source: string, flags: '' | 'i' = 'i'): (text: string) => boolean {
  let pattern: Pattern | undefined;
  return (text) => (pattern ??= compilePattern(source, flags)).test(text);
}

// RFC 3986 §2, character by character. The grammar of its hosts makes a program so large that long addresses could not be checked.
const uriCharacter = "(?:[a-z0-9._~:/?[\\]@!$&'()*+,;=-]|%[0-9a-f]{2})";
const uriReference = linear(`^${uriCharacter}*(?:#${uriCharacter}*)?$`);
const ipv6 = linear((fullFormats.ipv6 as RegExp).source);
const scheme = /^[a-z][a-z0-9+.-]*:/i;
const hostname = linear('^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\\.?$');
const duration = linear('^P(?:(?:\\d+Y)?(?:\\d+M)?(?:\\d+D)?(?:T(?:\\d+H)?(?:\\d+M)?(?:\\d+S)?)?|\\d+W)$', '');

/** Those whose regular expression in ajv-formats looks ahead, compiles what it is given, takes one good line for a good text, or is large. */
const ours: Readonly<Record<string, (text: string) => boolean>> = {
  // RFC 4648 §4. By itself linear, and files in arguments may be megabytes.
  byte: (text) => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text),
  duration: (text) => !/[PT]$/.test(text) && duration(text),
  hostname: (text) => text.length <= maxHostname && hostname(text),
  ipv6: (text) => text.length <= maxIpv6 && ipv6(text),
  regex: isPattern,
  uri: (text) => scheme.test(text) && uriReference(text),
  'uri-reference': uriReference,
  url: (text) => /^(?:https?|ftp):/i.test(text) && URL.canParse(text),
};

/** That of ajv-formats takes every whole number. */
const int64: Format = { type: 'number', validate: (value: number) => Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63 };

/** The formats of JSON Schema and of OpenAPI, none of which back-tracks, whatever the text. */
export const formats: Readonly<Record<string, Format>> = {
  ...Object.fromEntries(
    Object.entries(fullFormats).map(([name, format]) => [name, ours[name] ?? (format instanceof RegExp ? linear(format.source) : format)]),
  ),
  int64,
};
