import type { Ajv2020 } from 'ajv/dist/2020.js';
import { dataKeywords, mapKeywords } from '@stoa/lib/enforced-schema.ts';

type Schema = Readonly<Record<string, unknown>>;

/** What every check may take, and what each value that is checked adds. Following a reference takes 100 ns, and what it leads to as much again. */
const freeSteps = 100_000;
const stepsOfValue = 32;
const keyword = 'x-counted-reference';

/** A value that would take too long to check. The message is the end of a sentence whose subject is the value. */
export class StepsExceeded extends Error {
  constructor() {
    super('takes too many steps to check: alternatives within alternatives, as its schema has them, are nested too deeply in it');
  }
}

type Allowance = { left: number; extend: () => number };
let allowance: Allowance | undefined;

/** Checks a value in a bounded number of steps. @throws StepsExceeded */
export function withStepAllowance<T>(value: unknown, check: () => T): T {
  const outer = allowance;
  let isExtended = false;
  // Few values need more than the free steps, so that few are counted.
  const extend = (): number => {
    if (isExtended) return 0;
    isExtended = true;
    return stepsOfValue * countValues(value);
  };
  allowance = { left: freeSteps, extend };
  try {
    return check();
  } finally {
    allowance = outer;
  }
}

function takeStep(): boolean {
  if (allowance === undefined) return true;
  allowance.left -= 1;
  if (allowance.left < 0 && (allowance.left += allowance.extend()) < 0) throw new StepsExceeded();
  return true;
}

/**
 * Makes a validator count the references that it follows. Schemas refer to each other in circles and twice, so that a choice of two that each
 * lead on to the same choice is checked twice as often at each level of the value. What no reference leads to is checked once for each value.
 */
export function useCountedReferences(ajv: Ajv2020): Ajv2020 {
  return ajv.addKeyword({ keyword, before: '$ref', validate: takeStep, errors: false });
}

/** The schema as a validator of `useCountedReferences` has to be given it. */
export function withCountedReferences(schema: Schema): Schema {
  return marked(schema, false) as Schema;
}

function marked(node: unknown, isMap: boolean): unknown {
  if (typeof node !== 'object' || node === null) return node;
  if (Array.isArray(node)) return node.map((item) => marked(item, false));
  const members = Object.entries(node).map(([key, child]) => [
    key,
    !isMap && dataKeywords.has(key) ? (child as unknown) : marked(child, !isMap && mapKeywords.has(key)),
  ]);
  if (!isMap && typeof (node as Schema)['$ref'] === 'string') members.push([keyword, true]);
  return Object.fromEntries(members);
}

function countValues(root: unknown): number {
  const waiting = [root];
  let count = 0;
  while (waiting.length > 0) {
    const value = waiting.pop();
    count += 1;
    if (typeof value === 'object' && value !== null) for (const child of Object.values(value)) waiting.push(child);
  }
  return count;
}
