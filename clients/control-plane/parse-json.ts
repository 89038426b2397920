import type { Breath } from '@stoa/lib/slices.ts';

/** Text up to this size is parsed in one go, which takes a millisecond or two: taking it apart first takes twice as long in all. */
const atOnceBytes = 192 * 1024;
/** What nests deeper than this is parsed in one go below it: nothing that a server writes is large there. */
const deepest = 16;

/**
 * `JSON.parse` of UTF-8 text that takes a breath: an array or object that is larger than 192 kB is taken apart, and its members are parsed one by
 * one. Throws a `SyntaxError` where `JSON.parse` does.
 */
export async function parseJson(bytes: Buffer, breath: Breath): Promise<unknown> {
  return parseRange({ bytes, from: 0, to: bytes.length }, 0, breath);
}

type Range = { readonly bytes: Buffer; readonly from: number; readonly to: number };

const code = (character: string): number => character.charCodeAt(0);
const quote = code('"');
const backslash = code('\\');
const comma = code(',');
const colon = code(':');
const closers: ReadonlyMap<number, number> = new Map([
  [code('{'), code('}')],
  [code('['), code(']')],
]);
const closing: ReadonlySet<number> = new Set(closers.values());
const blanks: ReadonlySet<number> = new Set([' ', '\t', '\n', '\r'].map(code));

const textOf = ({ bytes, from, to }: Range): string => bytes.toString('utf8', from, to);

async function parseRange(range: Range, depth: number, breath: Breath): Promise<unknown> {
  const { bytes, from, to } = trimmed(range);
  const closer = closers.get(bytes[from] ?? 0);
  if (to - from <= atOnceBytes || closer === undefined || depth >= deepest) {
    const value: unknown = JSON.parse(textOf({ bytes, from, to }));
    if (breath.isDue()) await breath.take();
    return value;
  }
  if (bytes[to - 1] !== closer) throw new SyntaxError('An array or an object does not end.');
  const parts = await split({ bytes, from: from + 1, to: to - 1 }, breath);
  return closer === code(']') ? parseElements(parts, depth, breath) : parseMembers(parts, depth, breath);
}

async function parseElements(parts: readonly Part[], depth: number, breath: Breath): Promise<unknown[]> {
  const elements: unknown[] = [];
  for (const part of parts) {
    if (part.isLarge) elements.push(await parseRange(part, depth + 1, breath));
    else for (const element of JSON.parse(`[${textOf(part)}]`) as unknown[]) elements.push(element);
    if (breath.isDue()) await breath.take();
  }
  return elements;
}

async function parseMembers(parts: readonly Part[], depth: number, breath: Breath): Promise<object> {
  const members: [string, unknown][] = [];
  for (const part of parts) {
    if (part.isLarge) members.push(await parseMember(part, depth, breath));
    else members.push(...Object.entries(JSON.parse(`{${textOf(part)}}`) as object));
    if (breath.isDue()) await breath.take();
  }
  // Unlike an assignment, this makes a member of its own even of `__proto__`, as JSON.parse does.
  return Object.fromEntries(members);
}

async function parseMember(part: Part, depth: number, breath: Breath): Promise<[string, unknown]> {
  if (part.colon === undefined) throw new SyntaxError('A member of an object has no name.');
  const name: unknown = JSON.parse(textOf({ ...part, to: part.colon }));
  if (typeof name !== 'string') throw new SyntaxError('The name of a member is no string.');
  return [name, await parseRange({ ...part, from: part.colon + 1 }, depth + 1, breath)];
}

/** One large element or member, of which `colon` ends the name; or as many small ones, with the commas between them, as are parsed in one go. */
type Part = Range & { readonly isLarge: boolean; readonly colon?: number | undefined };

/** Takes the inside of one array or object apart at its own commas. What is between them, JSON.parse judges. */
async function split(range: Range, breath: Breath): Promise<Part[]> {
  const { bytes, from, to } = range;
  const parts: Part[] = [];
  let start = from;
  const takeSmall = (end: number): void => {
    const part = { bytes, from: start, to: end, isLarge: false };
    const isAll = start === from && end === to;
    if (!isAll && textOf(trimmed(part)) === '') throw new SyntaxError('Nothing stands between two commas.');
    parts.push(part);
  };
  for await (const { at, since, colon } of commas(range, breath)) {
    const isLarge = at - since > atOnceBytes;
    if ((isLarge || at - start > atOnceBytes) && since > start) {
      takeSmall(since - 1);
      start = since;
    }
    if (!isLarge) continue;
    parts.push({ bytes, from: since, to: at, isLarge, colon });
    start = at + 1;
  }
  if (start <= to) takeSmall(to);
  return parts;
}

/** Where each element or member of the range begins and ends, and where the name of a member ends. */
async function* commas({ bytes, from, to }: Range, breath: Breath): AsyncGenerator<{ since: number; at: number; colon: number | undefined }> {
  let [since, depth, steps] = [from, 0, 0];
  let colonAt: number | undefined;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) at = endOfString(bytes, at, to);
    else if (closers.has(byte)) depth += 1;
    else if (closing.has(byte)) depth -= 1;
    else if (depth === 0 && byte === colon) colonAt ??= at;
    else if (depth === 0 && byte === comma) {
      yield { since, at, colon: colonAt };
      [since, colonAt] = [at + 1, undefined];
    }
    if (depth < 0) throw new SyntaxError('A bracket closes what none has opened.');
    if ((steps += 1) % 4096 === 0 && breath.isDue()) await breath.take();
  }
  yield { since, at: to, colon: colonAt };
}

/** Where the string ends that begins at `at`. */
function endOfString(bytes: Buffer, at: number, to: number): number {
  for (let next = bytes.indexOf(quote, at + 1); next !== -1 && next < to; next = bytes.indexOf(quote, next + 1)) {
    let escapes = 0;
    while (bytes[next - 1 - escapes] === backslash) escapes += 1;
    if (escapes % 2 === 0) return next;
  }
  throw new SyntaxError('A string does not end.');
}

function trimmed({ bytes, from, to }: Range): Range {
  let [start, end] = [from, to];
  while (start < end && blanks.has(bytes[start] ?? 0)) start += 1;
  while (end > start && blanks.has(bytes[end - 1] ?? 0)) end -= 1;
  return { bytes, from: start, to: end };
}
