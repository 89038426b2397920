/** An answer that is not HTTP/1.1 as RFC 9112 has it. Says nothing of what the upstream sent. */
export class MalformedAnswer extends Error {
  constructor(what: string) {
    super(`The answer does not match the HTTP/1.1 protocol: ${what}.`);
    this.name = 'MalformedAnswer';
  }
}

/** What of an answer's fields anybody here asks for. */
export type AnswerFields = { 'content-type'?: string; 'content-encoding'?: string; location?: string; 'content-length'?: string };

/** How long a body is: `until_close` has no end but that of the connection. */
export type Framing = { readonly kind: 'length'; readonly bytes: number } | { readonly kind: 'chunked' } | { readonly kind: 'until_close' };

export type AnswerHead = {
  readonly status: number;
  /** All of it, as it came. */
  readonly text: string;
  readonly fields: AnswerFields;
  readonly framing: Framing;
  /** How long the connection may rest after this answer before it is used again; 0 when it may not be. */
  readonly restMs: number;
};

const statusLine = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |\r|$)/;
/** Control characters, and line ends that are none: readers differ in what they take them for (RFC 9112 §2.2). */
const illegal = /[^\t\r\n\x20-\x7e\x80-\xff]|\r(?!\n)|(?:^|[^\r])\n/;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const digits = /^\d{1,15}$/;
/** A server that does not say how long it keeps a quiet connection is believed for as long; most keep it for five seconds and more. */
const restByDefaultMs = 4000;
/** So much earlier than the server would close it, since a request takes time to get there. */
const marginMs = 2000;
const longestRestMs = 600_000;

/** The fields that are kept, and those that frame the message; all others are only looked at for their form. */
const kept = new Set(['content-type', 'content-encoding', 'location', 'content-length', 'transfer-encoding', 'connection', 'keep-alive']);
type Kept = AnswerFields & { 'transfer-encoding'?: string; connection?: string; 'keep-alive'?: string };

const nothing: Framing = { kind: 'length', bytes: 0 };
const chunked: Framing = { kind: 'chunked' };
const untilClose: Framing = { kind: 'until_close' };

/**
 * Reads the head of an answer: `text` is all of it in Latin-1, without the empty line that ends it. Throws `MalformedAnswer` for everything that two
 * readers might understand differently, above all of where the body ends (RFC 9112 §6.3): the next answer on the connection would be another one.
 */
export function readAnswerHead(text: string, method: string): AnswerHead {
  if (illegal.test(text)) throw new MalformedAnswer('its head holds characters that are not allowed there');
  const [, minor, digitsOfStatus] = statusLine.exec(text) ?? [];
  if (digitsOfStatus === undefined) throw new MalformedAnswer('it does not begin with a status line');
  const status = Number(digitsOfStatus);
  const fields = readFields(text);
  const framing = framingOf(fields, { status, method, isOld: minor === '0' });
  const restMs = minor === '0' || framing.kind === 'until_close' ? 0 : restOf(fields);
  return { status, text, fields, framing, restMs };
}

/** All fields of a head that was read, for who passes them on: names and values alternate. */
export function linesOf({ text }: AnswerHead): string[] {
  const lines: string[] = [];
  for (let at = text.indexOf('\r\n'); at >= 0; ) {
    const next = text.indexOf('\r\n', at + 2);
    const colon = text.indexOf(':', at + 2);
    lines.push(text.slice(at + 2, colon), trimmed(text, colon + 1, next < 0 ? text.length : next));
    at = next;
  }
  return lines;
}

/** The fields after the first line. Several of one name are one with all their values, as RFC 9110 §5.3 has it. */
function readFields(text: string): Kept {
  const fields: Kept = {};
  for (let at = text.indexOf('\r\n'); at >= 0; ) {
    const next = text.indexOf('\r\n', at + 2);
    const end = next < 0 ? text.length : next;
    const colon = text.indexOf(':', at + 2);
    // A line that begins with white space goes on from the one before, which is obsolete and read in two ways (RFC 9112 §5.2).
    const name = colon < 0 || colon > end ? undefined : nameOf(text.slice(at + 2, colon));
    if (name === undefined) throw new MalformedAnswer('one of its fields has no name');
    if (name !== 'ignored') {
      const value = trimmed(text, colon + 1, end);
      const former = fields[name];
      fields[name] = former === undefined ? value : `${former}, ${value}`;
    }
    at = next;
  }
  return fields;
}

/**
 * The same few names come in every answer, and to look one up costs a quarter of checking it. Only short ones are remembered, and as many as a few
 * upstreams have.
 */
const spellings = new Map<string, keyof Kept | 'ignored'>();
const maxSpellings = 500;
const maxSpellingChars = 64;

/** Undefined for what is no name of a field. */
function nameOf(spelt: string): keyof Kept | 'ignored' | undefined {
  const known = spellings.get(spelt);
  if (known !== undefined) return known;
  if (!token.test(spelt)) return undefined;
  const lower = spelt.toLowerCase();
  const name = isKept(lower) ? lower : 'ignored';
  if (spelt.length > maxSpellingChars) return name;
  if (spellings.size >= maxSpellings) spellings.clear();
  // A copy: a slice would keep all of the head that it is cut from.
  spellings.set(Buffer.from(spelt, 'latin1').toString('latin1'), name);
  return name;
}

const isKept = (name: string): name is keyof Kept => kept.has(name);

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

function trimmed(text: string, start: number, end: number): string {
  let [from, to] = [start, end];
  while (from < to && isBlank(text.charCodeAt(from))) from += 1;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

function framingOf(fields: Kept, { status, method, isOld }: { status: number; method: string; isOld: boolean }): Framing {
  const { 'content-length': length, 'transfer-encoding': coding } = fields;
  if (coding !== undefined && (length !== undefined || isOld)) throw new MalformedAnswer('it states its length in two ways');
  if (length !== undefined && !digits.test(length)) throw new MalformedAnswer('its length is no number, or several');
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return nothing;
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') throw new MalformedAnswer('its transfer coding is not known');
  if (coding !== undefined) return chunked;
  return length === undefined ? untilClose : { kind: 'length', bytes: Number(length) };
}

function restOf({ connection, 'keep-alive': keepAlive }: Kept): number {
  if (connection !== undefined && /(?:^|,)[\t ]*close[\t ]*(?:,|$)/i.test(connection)) return 0;
  const [, seconds] = (keepAlive === undefined ? undefined : /(?:^|[,\t ])timeout=(\d{1,9})/i.exec(keepAlive)) ?? [];
  if (seconds === undefined) return restByDefaultMs;
  return Math.max(0, Math.min(longestRestMs, Number(seconds) * 1000 - marginMs));
}
