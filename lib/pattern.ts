import { RE2JS } from 're2js';
import { PatternRefusal, toRe2 } from './pattern-syntax.ts';

/** Characters times steps of the program; a step takes 50 ns at worst, so that one match takes 125 ms at worst. */
const maxWork = 2_500_000;
/** What all matches of one check may take, if they are more work than a single one may be. */
const maxCheckMs = 100;
/** Both bound what compiled patterns keep in memory: 20 MB of programs and 250 MB of states at the very worst. */
const maxCachedSteps = 100_000;
const maxStateBytes = 512 * 1024;

/** A match that would take too long. The message is the end of a sentence whose subject is the text. */
export class PatternBudgetExceeded extends Error {}

/** A pattern from outside, matched in linear time. */
export type Pattern = {
  readonly source: string;
  /** Whether it matches anywhere in the text. Throws `PatternBudgetExceeded`. */
  test(text: string): boolean;
  /** Where it matches, each match after the one before; none that is empty. Throws `PatternBudgetExceeded`. */
  ranges(text: string): TextRange[];
};

/** From the first character, by its place, to the one after the last. */
export type TextRange = readonly [start: number, end: number];

type Flags = '' | 'i';
const engines = new Map<string, RE2JS>();
let cachedSteps = 0;

/**
 * Compiles a pattern that this program did not write: one of a document, of a policy, of a setting. `RegExp` would let such a pattern stop
 * the process for hours; RE2 reads each character once, whatever the pattern.
 * @throws PatternRefusal for look-around, back-references, huge repetitions, and what is no regular expression of ECMA-262
 */
export function compilePattern(source: string, flags: Flags = ''): Pattern {
  engineOf(source, flags);
  return { source, test: (text) => within(source, flags, text, match), ranges: (text) => within(source, flags, text, rangesOf) };
}

/** Why a pattern is not matched, as the end of a sentence that begins with it; undefined when it is. */
export function patternFault(source: string): string | undefined {
  try {
    engineOf(source, '');
    return undefined;
  } catch (error) {
    if (error instanceof PatternRefusal) return error.message;
    throw error;
  }
}

/** How large the compiled pattern is. Throws as `compilePattern` does. */
export function patternSteps(source: string): number {
  return engineOf(source, '').programSize();
}

/** A glob in which `*` stands for any characters, `?` for one. `*` stops at no separator. */
export function compileGlob(glob: string, flags: Flags = ''): Pattern {
  const escaped = glob
    .replace(/[\\^$.+()[\]{}|/]/g, '\\$&')
    .replace(/\*+/g, '[^]*')
    .replaceAll('?', '[^]');
  return { ...compilePattern(`^${escaped}$`, flags), source: glob };
}

let spent: { work: number; ms: number } | undefined;

/** Runs a check of many values, with an allowance of its own for all the patterns that it matches. */
export function withPatternAllowance<T>(check: () => T): T {
  const outer = spent;
  spent = { work: 0, ms: 0 };
  try {
    return check();
  } finally {
    spent = outer;
  }
}

/** Runs an engine on a text, within what may be spent. */
function within<T>(source: string, flags: Flags, text: string, run: (engine: RE2JS, text: string) => T): T {
  const engine = engineOf(source, flags);
  const work = text.length * engine.programSize();
  if (work > maxWork)
    throw new PatternBudgetExceeded(
      `is longer than the ${Math.floor(maxWork / engine.programSize())} characters for which its pattern can be checked`,
    );
  if (spent === undefined) return run(engine, text);
  if (spent.work > maxWork && spent.ms > maxCheckMs) throw new PatternBudgetExceeded('has more values with patterns than can be checked in one call');
  const begun = performance.now();
  const matched = run(engine, text);
  spent.work += work;
  spent.ms += performance.now() - begun;
  return matched;
}

function engineOf(source: string, flags: Flags): RE2JS {
  const key = `${flags}/${source}`;
  const known = engines.get(key);
  if (known !== undefined) {
    engines.delete(key); // The one used last stands last.
    engines.set(key, known);
    return known;
  }
  const engine = compile(toRe2(source, flags));
  engines.set(key, engine);
  cachedSteps += engine.programSize();
  for (const [oldest, one] of engines) {
    if (cachedSteps <= maxCachedSteps || oldest === key) break;
    cachedSteps -= one.programSize();
    engines.delete(oldest);
  }
  return engine;
}

function compile(translated: string): RE2JS {
  try {
    const engine = RE2JS.compile(translated);
    // Its matcher for unambiguous patterns exists for their groups. Where nobody asks for groups it takes eight times as long as the automaton.
    engine.re2().onepass = null as never;
    return engine;
  } catch (error) {
    if (error instanceof Error && /^RE2JS/.test(error.name)) throw new PatternRefusal('holds what a linear engine cannot match');
    throw error;
  }
}

function match(engine: RE2JS, text: string): boolean {
  const matched = engine.test(text);
  // The automaton keeps its states for the next text, up to 8 MB for each pattern.
  const re2 = engine.re2();
  const automaton = re2.lazyDFA as typeof re2.lazyDFA | null;
  if (automaton !== null && automaton.maxMem - automaton.memBudget > maxStateBytes) re2.lazyDFA = null as never;
  return matched;
}

function rangesOf(engine: RE2JS, text: string): TextRange[] {
  const found: TextRange[] = [];
  if (!match(engine, text)) return found;
  const matcher = engine.matcher(text);
  while (matcher.find()) if (matcher.end() > matcher.start()) found.push([matcher.start(), matcher.end()]);
  return found;
}
