import { RegExpParser } from '@eslint-community/regexpp';
import type { AST } from '@eslint-community/regexpp';

const maxCharacters = 4096;
/** What the engine itself takes. */
const maxRepeats = 1000;
/** Steps of the program that a pattern becomes: `.{1,1000}` has 2,003. Compiling takes about 10 µs a step, and matching a character up to 50 ns a step. */
const maxSteps = 2500;

/** A pattern that is not matched; the message is the end of a sentence that begins with the pattern. */
export class PatternRefusal extends Error {}

type Part = { text: string; steps: number };

const any = '[\\x00-\\x{10FFFF}]';
const none = '[^\\x00-\\x{10FFFF}]';
// White space and line ends of ECMA-262 §12.2 and §12.3; RE2 means ASCII by `\s`, and all but \n by `.`.
const space = '\\t-\\r \\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}\\x{FEFF}';
const notSpace =
  '\\x00-\\x08\\x0E-\\x1F!-\\x{9F}\\x{A1}-\\x{167F}\\x{1681}-\\x{1FFF}\\x{200B}-\\x{2027}\\x{202A}-\\x{202E}\\x{2030}-\\x{205E}\\x{2060}-\\x{2FFF}\\x{3001}-\\x{FEFE}\\x{FF00}-\\x{10FFFF}';
const lineEnds = '\\n\\r\\x{2028}\\x{2029}';

/**
 * A regular expression of ECMA-262 in the syntax of RE2. Reads it with the `u` flag first, as JSON Schema 2020-12 §6.4 says, then without,
 * because documents in the field hold patterns that the flag refuses. Groups capture nothing: a pattern only matches or does not.
 * @throws PatternRefusal when it is no regular expression, or holds what a linear engine cannot do, or is too large
 */
export function toRe2(pattern: string, flags: '' | 'i' = ''): string {
  if (pattern.length > maxCharacters) throw new PatternRefusal(`is longer than ${maxCharacters} characters`);
  try {
    const { text } = alternatives(parseEither(pattern).alternatives);
    return flags === '' ? text : `(?${flags}:${text})`;
  } catch (error) {
    if (error instanceof PatternRefusal) throw error;
    throw new PatternRefusal(error instanceof RangeError ? 'is nested too deeply' : 'is no regular expression of ECMA-262');
  }
}

/** Whether `new RegExp(pattern, 'u')` would take it, as validators of JSON Schema do at their clients. */
export function isUnicodePattern(pattern: string): boolean {
  try {
    return parse(pattern, true).type === 'Pattern';
  } catch {
    return false;
  }
}

/** Whether it is a regular expression of ECMA-262, with the `u` flag or without. */
export function isPattern(pattern: string): boolean {
  try {
    return pattern.length <= maxCharacters && parseEither(pattern).type === 'Pattern';
  } catch {
    return false;
  }
}

function parseEither(pattern: string): AST.Pattern {
  try {
    return parse(pattern, true);
  } catch (error) {
    if (error instanceof RangeError) throw error;
    return parse(pattern, false);
  }
}

function parse(pattern: string, unicode: boolean): AST.Pattern {
  return new RegExpParser({ ecmaVersion: 2025 }).parsePattern(pattern, 0, pattern.length, { unicode });
}

function alternatives(list: readonly AST.Alternative[]): Part {
  const parts = list.map(({ elements }) => join(elements.map(element), ''));
  return list.length === 1 && parts[0] !== undefined ? parts[0] : group('', join(parts, '|'));
}

const group = (modifiers: string, { text, steps }: Part): Part => ({ text: `(?${modifiers}:${text})`, steps });

function join(parts: readonly Part[], separator: string): Part {
  // An alternative more is a step more.
  const steps = parts.reduce((sum, part) => sum + part.steps, separator === '' ? 0 : parts.length);
  if (steps > maxSteps) throw tooLarge();
  return { text: parts.map(({ text }) => text).join(separator), steps };
}

const tooLarge = (): PatternRefusal => new PatternRefusal(`is larger than ${maxSteps} steps once its repetitions are written out`);

function element(node: AST.Element): Part {
  switch (node.type) {
    case 'Assertion':
      return assertion(node);
    case 'Backreference':
      throw new PatternRefusal('refers back to one of its groups');
    case 'CapturingGroup':
      return group('', alternatives(node.alternatives));
    case 'Group':
      return group(modifiersOf(node), alternatives(node.alternatives));
    case 'Quantifier':
      return quantifier(node);
    default:
      return { text: single(node), steps: 1 };
  }
}

function assertion(node: AST.Assertion): Part {
  switch (node.kind) {
    case 'start':
      return { text: '\\A', steps: 1 };
    case 'end':
      return { text: '\\z', steps: 1 };
    case 'word':
      return { text: node.negate ? '\\B' : '\\b', steps: 1 };
    default:
      throw new PatternRefusal(`looks ${node.kind === 'lookahead' ? 'ahead' : 'behind'}`);
  }
}

/** `m` would ask for other anchors than those written here, and nobody needs it in a pattern for one value. */
function modifiersOf({ modifiers }: AST.Group): string {
  const { add, remove } = modifiers ?? {};
  if (add?.multiline || add?.dotAll || remove) throw new PatternRefusal('changes flags within itself');
  return add?.ignoreCase ? 'i' : '';
}

function quantifier({ min, max, element: repeated }: AST.Quantifier): Part {
  const { text, steps } = element(repeated);
  const times = max === Infinity ? Math.max(min, 1) : max;
  const written = steps * times + (max === Infinity ? 1 : max - min);
  if (written > maxSteps || times > maxRepeats) throw tooLarge();
  return { text: `(?:${text}){${min},${max === Infinity ? '' : max}}`, steps: written };
}

function single(node: Exclude<AST.Element, AST.Assertion | AST.Backreference | AST.CapturingGroup | AST.Group | AST.Quantifier>): string {
  switch (node.type) {
    case 'Character':
      return character(node);
    case 'CharacterSet':
      return node.kind === 'any' ? `[^${lineEnds}]` : `[${setOf(node)}]`;
    case 'CharacterClass':
      return characterClass(node);
    default:
      throw new PatternRefusal('uses set notation');
  }
}

function characterClass({ elements, negate }: AST.CharacterClass): string {
  if (elements.length === 0) return negate ? any : none;
  return `[${negate ? '^' : ''}${elements.map(classElement).join('')}]`;
}

function classElement(node: AST.CharacterClassElement): string {
  switch (node.type) {
    case 'Character':
      return character(node);
    case 'CharacterClassRange':
      return `${codePoint(node.min.value)}-${codePoint(node.max.value)}`;
    case 'CharacterSet':
      return setOf(node);
    default:
      throw new PatternRefusal('uses set notation');
  }
}

/** What stands for a set between brackets. */
function setOf(node: AST.CharacterSet): string {
  switch (node.kind) {
    case 'any':
      return any;
    case 'space':
      return node.negate ? notSpace : space;
    case 'digit':
      return node.negate ? '\\D' : '\\d';
    case 'word':
      return node.negate ? '\\W' : '\\w';
    default:
      return `\\${node.negate ? 'P' : 'p'}{${propertyOf(node)}}`;
  }
}

/** RE2 knows scripts by their full names and general categories by their short ones. */
function propertyOf({ key, value }: AST.UnicodePropertyCharacterSet): string {
  return value === null || value === undefined || ['Script', 'sc', 'General_Category', 'gc'].includes(key) ? (value ?? key) : `${key}=${value}`;
}

/** Without the `u` flag `\A` means A. Who writes it means what it is in Perl, Java or Python, and would find values refused that are right. */
function character({ raw, value }: AST.Character): string {
  if (/^\\[A-Za-z]$/.test(raw) && raw.codePointAt(1) === value) throw new PatternRefusal(`holds ${raw}, which is no escape of ECMA-262`);
  return codePoint(value);
}

const codePoint = (value: number): string => `\\x{${value.toString(16).toUpperCase()}}`;
