import type { ProblemError } from '@stoa/generated/schemas.ts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { enforcedSchema, linearRegExp } from '@stoa/lib/enforced-schema.ts';
import { formats } from '@stoa/lib/formats.ts';
import { PatternBudgetExceeded, withPatternAllowance } from '@stoa/lib/pattern.ts';
import { cut } from '@stoa/lib/problem.ts';
import { wordsOf } from './argument-words.ts';
import { isPlainSchema } from './plain-schema.ts';
import { standInFor, useDecimalMultiples, useExactNumbers, useLinearUniqueness } from './exact-keywords.ts';
import { StepsExceeded, useCountedReferences, withCountedReferences, withStepAllowance } from './step-allowance.ts';

const maxErrors = 20;
const maxPointerChars = 256;
/** Of larger arguments only the first fault is told: two million wrong list elements would make as many error objects, 400 MB in all. */
const maxThoroughChars = 64 * 1024;
const dialect = 'https://json-schema.org/draft/2020-12/schema';

type Schema = Readonly<Record<string, unknown>>;
/** `holdsExact` says that there are numbers among the arguments that only an `ExactNumber` can hold. */
export type ValidateArguments = (args: Record<string, unknown>, holdsExact?: boolean) => readonly ProblemError[];

/** `ownProperties`: an argument called `constructor` is not there only because every object inherits one. `strictNumbers`: infinity is none. */
const options = {
  strict: false,
  strictNumbers: true,
  ownProperties: true,
  logger: false,
  addUsedSchema: false,
  validateSchema: false,
  formats,
  code: { regExp: linearRegExp },
} as const;

const validator = (allErrors: boolean) => useCountedReferences(new Ajv2020({ ...options, allErrors }));
/** One for the process: it holds the vocabularies, and forgets each schema once it is compiled. */
const ajv = useLinearUniqueness(useDecimalMultiples(validator(false)));
/** Goes on after the first fault. */
const thorough = useLinearUniqueness(useDecimalMultiples(validator(true)));
/** For values that `standInFor` has made: they compare the exact numbers. */
const exact = useExactNumbers(validator(false));
const exactThorough = useExactNumbers(validator(true));

/**
 * A validator that is compiled at its first use, so that a thousand tools that nobody calls cost nothing but their schemas.
 * Throws at use when the schema cannot be compiled, which `schemaFault` tells beforehand.
 */
export function lazyValidator(schema: Schema): ValidateArguments {
  const rounded = compileLazily(schema, ajv, thorough);
  const unrounded = compileLazily(schema, exact, exactThorough);
  return (args, holdsExact = false) => (holdsExact ? unrounded(standInFor(args)) : rounded(args));
}

function compileLazily(schema: Schema, one: Ajv2020, every: Ajv2020): (args: unknown) => readonly ProblemError[] {
  let first: ValidateFunction | undefined;
  let all: ValidateFunction | undefined;
  const check = (args: unknown): readonly ProblemError[] => {
    first ??= compileSchema(one, schema);
    if (first(args)) return [];
    if (JSON.stringify(args).length > maxThoroughChars) return firstOf(first.errors ?? []);
    all ??= compileSchema(every, schema);
    return firstOf(allErrorsOf(all, args) ?? first.errors ?? []);
  };
  return (args) => withStepAllowance(args, () => withPatternAllowance(() => refuseBeyondAllowance(() => check(args))));
}

/** Undefined when to look for all of them would take too long; that there is one is known by then. */
function allErrorsOf(validate: ValidateFunction, args: unknown): readonly ErrorObject[] | undefined {
  try {
    validate(args);
    return validate.errors ?? [];
  } catch (error) {
    if (error instanceof StepsExceeded) return undefined;
    throw error;
  }
}

/** Arguments are refused when they cannot be checked in bounded time: unchecked they must not pass. */
function refuseBeyondAllowance(check: () => readonly ProblemError[]): readonly ProblemError[] {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof PatternBudgetExceeded || error instanceof StepsExceeded)) throw error;
    return [{ pointer: '', message: error.message }];
  }
}

/** The first of many faults, and how many more there are. */
function firstOf(errors: readonly ErrorObject[]): ProblemError[] {
  // Of a name the schema of names finds the fault, and then `propertyNames` does, which names it.
  const all = errors.filter(({ propertyName, keyword }) => propertyName === undefined || keyword === 'propertyNames');
  const told = all.slice(0, maxErrors).map(toProblemError);
  const more = all.length - told.length;
  return more === 0 ? told : [...told, { pointer: '', message: `and ${more} more` }];
}

function compileSchema(by: Ajv2020, schema: Schema): ValidateFunction {
  const counted = withCountedReferences(enforcedSchema(schema).schema);
  try {
    return by.compile(counted);
  } finally {
    // Ajv would keep every schema of every snapshot for ever.
    by.removeSchema(counted);
  }
}

function toProblemError(error: ErrorObject): ProblemError {
  const property = missingOrUnknown(error);
  const pointer = property === undefined ? error.instancePath : `${error.instancePath}/${property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  // A name that nobody knows may be as long as the body.
  return { pointer: cut(pointer, maxPointerChars), message: wordsOf(error) };
}

function missingOrUnknown({ keyword, params }: ErrorObject): string | undefined {
  if (keyword === 'required' || keyword === 'dependentRequired') return (params as { missingProperty: string }).missingProperty;
  if (keyword === 'additionalProperties') return (params as { additionalProperty: string }).additionalProperty;
  if (keyword === 'unevaluatedProperties') return (params as { unevaluatedProperty: string }).unevaluatedProperty;
  return undefined;
}

/** The check of schemas takes a tenth of a second to be made: at the start nobody waits for it. */
export function preloadSchemaCheck(): void {
  ajv.validate(dialect, {});
}

/** Why a schema could not be compiled, as the end of a sentence that begins with its name; undefined when it can. Costs no compilation. */
export function schemaFault(schema: Schema): string | undefined {
  if (schema['type'] === 'object' && isPlainSchema(schema, (reference) => resolves(reference, schema))) return undefined;
  if (!ajv.validate(dialect, schema)) {
    const [error] = ajv.errors ?? [];
    return `is not JSON Schema 2020-12: ${error?.instancePath || 'the root'} ${error === undefined ? 'is not valid' : wordsOf(error)}`;
  }
  if (schema['type'] !== 'object') return 'does not describe an object';
  return findFault(schema, schema, { left: 100_000 });
}

/** Looks through all that may be a schema for references that lead nowhere. */
function findFault(node: unknown, root: Schema, budget: { left: number }): string | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  budget.left -= 1;
  if (budget.left < 0) return 'has more than 100,000 parts';
  if (!Array.isArray(node)) {
    const { $ref: reference } = node as Schema;
    if (typeof reference === 'string' && !resolves(reference, root)) return `refers to ${reference}, which is not in it`;
  }
  for (const [key, child] of Object.entries(node)) {
    // What stands there is data, not schema.
    if (key === 'enum' || key === 'const' || key === 'default' || key === 'examples' || key === 'example') continue;
    const found = findFault(child, root, budget);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The compiler of tools writes references within the schema only; anchors and other documents are not looked for. */
function resolves(reference: string, root: Schema): boolean {
  if (reference === '#') return true;
  if (!reference.startsWith('#/')) return false;
  let node: unknown = root;
  for (const token of reference.slice(2).split('/')) {
    let key: string;
    try {
      key = decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
    } catch {
      return false;
    }
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return false;
    node = (node as Schema)[key];
  }
  return true;
}
