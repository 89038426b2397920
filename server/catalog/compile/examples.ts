import { isObject, objectMember } from './json.ts';
import type { JsonObject } from './json.ts';
import { dereference } from './references.ts';

const maxExamples = 5;

/** The examples of a Parameter or Media Type Object: `example`, or the values of the named `examples`. */
export function examplesOf(document: JsonObject, described: unknown): unknown[] {
  if (!isObject(described)) return [];
  if (Object.hasOwn(described, 'example')) return [described['example']];
  return Object.values(objectMember(described, 'examples') ?? {})
    .slice(0, maxExamples)
    .flatMap((entry) => {
      const found = dereference(document, entry);
      return found.found && Object.hasOwn(found.value, 'value') ? [found.value['value']] : [];
    });
}
