import type { OperationFilter, OperationSelector } from '@stoa/generated/schemas.ts';
import { compileGlob } from '@stoa/lib/pattern.ts';
import { arrayMember } from './json.ts';
import type { ListedOperation } from './list-operations.ts';

type Fits = (operation: ListedOperation) => boolean;

/** The operations that a filter takes, in their order. `unused` are the selectors that fit no operation, as JSON: most are misspelt. */
export function filterOperations(
  operations: readonly ListedOperation[],
  { include = [], exclude = [] }: OperationFilter,
): { operations: ListedOperation[]; unused: string[] } {
  const selectors = [...include, ...exclude].map((selector) => ({ selector, fits: compileSelector(selector) }));
  const included = selectors.slice(0, include.length);
  const excluded = selectors.slice(include.length);
  const fitsAny = (list: typeof selectors, operation: ListedOperation): boolean => list.some(({ fits }) => fits(operation));
  return {
    operations: operations.filter((operation) => (include.length === 0 || fitsAny(included, operation)) && !fitsAny(excluded, operation)),
    unused: selectors.filter(({ fits }) => !operations.some(fits)).map(({ selector }) => JSON.stringify(selector)),
  };
}

function compileSelector({ tag, method, path, id }: OperationSelector): Fits {
  const pathGlob = path === undefined ? undefined : compileGlob(path);
  const idGlob = id === undefined ? undefined : compileGlob(id);
  return (operation) =>
    (tag === undefined || arrayMember(operation.value, 'tags').includes(tag)) &&
    (method === undefined || operation.method === method.toUpperCase()) &&
    (pathGlob === undefined || pathGlob.test(operation.path)) &&
    (idGlob === undefined || (operation.operationId !== undefined && idGlob.test(operation.operationId.slice(0, maxIdCharacters))));
}

/** Keeps a match within what a pattern may be matched against. */
const maxIdCharacters = 1024;
