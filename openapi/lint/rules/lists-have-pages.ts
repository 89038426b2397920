import type { Oas3Rule } from '@redocly/openapi-core';
import { asObject, resolved, textOf } from '../nodes.ts';

/** A list is read page by page, and every list alike: what answers `next_cursor` takes the shared `limit` and `cursor`, and so does what is called a list. */
export const listsHavePages: Oas3Rule = () => ({
  Operation(operation, context) {
    const { parameters, responses } = asObject(operation);
    const success = resolved(asObject(responses)['200'], context);
    const media = asObject(asObject(success['content'])['application/json']);
    const schema = resolved(media['schema'], context, success.source);
    const isPaged = Object.hasOwn(asObject(schema['properties']), 'next_cursor');
    const isList = (textOf(operation, 'operationId') ?? '').startsWith('list');
    if (!isPaged && !isList) return;
    if (!isPaged) context.report({ message: 'A list must answer next_cursor.', location: context.location });
    const references = (Array.isArray(parameters) ? parameters : []).map((parameter) => textOf(parameter, '$ref') ?? '');
    for (const name of ['Limit', 'Cursor']) {
      if (references.some((reference) => reference.endsWith(`/parameters.yaml#/${name}`))) continue;
      context.report({ message: `A list must take the shared parameter ${name}, by reference.`, location: context.location });
    }
  },
});
