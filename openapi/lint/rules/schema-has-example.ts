import type { Oas3Rule } from '@redocly/openapi-core';
import { asObject } from '../nodes.ts';

/** A schema with a name of its own: a component of a document, or an entry of a file in `schemas/`. */
const namedInDocument = /^#\/components\/schemas\/[^/]+$/;
const namedInFile = /^#\/[^/]+$/;

/** Every named schema shows a value: readers of the rendered documents and the contract tests both start from it. */
export const schemaHasExample: Oas3Rule = () => ({
  Schema(schema, { location, report }) {
    const isNamed = namedInDocument.test(location.pointer) || (namedInFile.test(location.pointer) && /\/schemas\//.test(location.source.absoluteRef));
    const { example, examples } = asObject(schema);
    if (!isNamed || example !== undefined || (Array.isArray(examples) && examples.length > 0)) return;
    report({
      message: `${location.pointer.split('/').at(-1) ?? 'The schema'} has no example; add example or examples.`,
      location: location.key() as typeof location,
    });
  },
});
