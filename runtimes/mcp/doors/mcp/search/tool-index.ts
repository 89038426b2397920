import type { Tool } from '@stoa/generated/schemas.ts';
import type { Steps } from '@stoa/lib/slices.ts';
import { stemsOf, termsOf } from './words.ts';
import type { Doing } from './words.ts';

/** What there is to find. */
export type Findable = { readonly name: string; readonly definition: Tool; readonly doing: Doing };

/** The terms of a tool by their numbers, with what each counts in it. */
type Terms = { readonly ids: Uint32Array; readonly weights: Float32Array };

/** A part of a tool: what it counts, and how many words it usually has. */
type Part = { readonly weight: number; readonly usual: number; readonly text: (tool: Tool) => string };

/** How much of a description is read: the rest repeats, or tells of other tools. */
const readOfDescription = 600;
const parts: readonly Part[] = [
  { weight: 3, usual: 6, text: ({ name }) => name },
  { weight: 2, usual: 5, text: ({ title = '' }) => title },
  {
    weight: 1,
    usual: 30,
    text: ({ description = '' }) =>
      description
        .slice(0, 2 * readOfDescription)
        .replaceAll(/<[^>]*>/g, ' ')
        .slice(0, readOfDescription),
  },
  { weight: 0.3, usual: 8, text: ({ input_schema: { properties } }) => Object.keys(properties ?? {}).join(' ') },
];

/** BM25's: how fast a repeated word stops counting, and how much a long part counts less. */
const saturation = 1.2;
const byLength = 0.75;
const queryWeights = { other: 0.2, doing: 1.6 };
/** More is no question. */
const maxTerms = 64;

/** The numbers of terms. Grows with the words of all tools that were ever served, which are few beside the tools. */
const numbers = new Map<string, number>();
const known = new WeakMap<Tool, Terms>();

/** Where the words of tools stand: BM25F over name, title, description and parameters. Immutable, for the tools that it was made of. */
export class ToolIndex {
  readonly #tools: readonly Findable[];
  /** The postings of term n are those from `starts[n]` to `starts[n + 1]`. */
  readonly #starts: Uint32Array;
  readonly #places: Uint32Array;
  readonly #impacts: Float32Array;

  private constructor(tools: readonly Findable[], starts: Uint32Array, places: Uint32Array, impacts: Float32Array) {
    this.#tools = tools;
    this.#starts = starts;
    this.#places = places;
    this.#impacts = impacts;
  }

  /** In slices: the words of ten thousand tools take a second. Those of a tool are kept as long as its definition lives. */
  static *of(tools: readonly Findable[]): Steps<ToolIndex> {
    const all: Terms[] = [];
    let total = 0;
    for (const tool of tools) {
      const terms = termsOfTool(tool);
      all.push(terms);
      total += terms.ids.length;
      yield;
    }
    const starts = new Uint32Array(numbers.size + 1);
    for (const { ids } of all) {
      for (const id of ids) starts[id + 1] = (starts[id + 1] as number) + 1;
      yield;
    }
    for (let id = 1; id < starts.length; id += 1) starts[id] = (starts[id] as number) + (starts[id - 1] as number);
    const next = starts.slice();
    const places = new Uint32Array(total);
    const impacts = new Float32Array(total);
    for (const [place, { ids, weights }] of all.entries()) {
      for (let at = 0; at < ids.length; at += 1) {
        const id = ids[at] as number;
        const posting = next[id] as number;
        next[id] = posting + 1;
        places[posting] = place;
        impacts[posting] = weights[at] as number;
      }
      yield;
    }
    return new ToolIndex(tools, starts, places, impacts);
  }

  /** The best `count` tools for a question of those that `admits` lets through, the best first. */
  find(question: string, count: number, admits: (tool: Findable) => boolean): Findable[] {
    const scores = new Float32Array(this.#tools.length);
    const touched: number[] = [];
    let terms = 0;
    for (const [term, weight] of termsOf(question, queryWeights)) {
      if ((terms += 1) > maxTerms) break;
      this.#count(numbers.get(term), weight, scores, touched);
    }
    return this.#best(scores, touched, count, admits);
  }

  #count(id: number | undefined, weight: number, scores: Float32Array, touched: number[]): void {
    if (id === undefined || id + 1 >= this.#starts.length) return;
    const end = this.#starts[id + 1] as number;
    const start = this.#starts[id] as number;
    const held = end - start;
    const rarity = weight * Math.log(1 + (this.#tools.length - held + 0.5) / (held + 0.5));
    for (let posting = start; posting < end; posting += 1) {
      const place = this.#places[posting] as number;
      const score = scores[place] as number;
      if (score === 0) touched.push(place);
      scores[place] = score + rarity * (this.#impacts[posting] as number);
    }
  }

  #best(scores: Float32Array, touched: readonly number[], count: number, admits: (tool: Findable) => boolean): Findable[] {
    const found: Findable[] = [];
    // Few are looked at as a rule: whoever may use little of what there is has all looked at.
    for (let wanted = count * 4, looked = 0; ; wanted = Infinity) {
      const best = topOf(scores, touched, wanted);
      for (; looked < best.length && found.length < count; looked += 1) {
        const tool = this.#tools[best[looked] as number] as Findable;
        if (admits(tool)) found.push(tool);
      }
      if (found.length >= count || best.length >= touched.length) return found;
    }
  }
}

/** The places of the highest scores, the highest first; of equal ones the first by name. */
function topOf(scores: Float32Array, touched: readonly number[], wanted: number): number[] {
  const better = (a: number, b: number): number => (scores[b] as number) - (scores[a] as number) || a - b;
  if (wanted >= touched.length) return touched.toSorted(better);
  const kept: number[] = [];
  for (const place of touched) {
    if (kept.length === wanted && better(place, kept[wanted - 1] as number) >= 0) continue;
    let at = kept.length;
    while (at > 0 && better(place, kept[at - 1] as number) < 0) at -= 1;
    kept.splice(at, 0, place);
    if (kept.length > wanted) kept.pop();
  }
  return kept;
}

function termsOfTool({ definition, doing }: Findable): Terms {
  const present = known.get(definition);
  if (present !== undefined) return present;
  const counts = new Map<number, number>([[numberOf(doing), 1]]);
  for (const { weight, usual, text } of parts) {
    const stems = stemsOf(text(definition));
    const unit = weight / (1 - byLength + byLength * (stems.length / usual));
    for (const stem of stems) {
      const id = numberOf(stem);
      counts.set(id, (counts.get(id) ?? 0) + unit);
    }
  }
  const ids = Uint32Array.from(counts.keys());
  const weights = Float32Array.from(counts.values(), (count) => (count * (saturation + 1)) / (count + saturation));
  const terms = { ids, weights };
  known.set(definition, terms);
  return terms;
}

function numberOf(term: string): number {
  let id = numbers.get(term);
  if (id === undefined) {
    id = numbers.size;
    numbers.set(term, id);
  }
  return id;
}
