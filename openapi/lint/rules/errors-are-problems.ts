import type { Oas3Rule } from '@redocly/openapi-core';
import { asObject, resolved, textOf } from '../nodes.ts';

const problemJson = 'application/problem+json';

/** RFC 9457: every 4xx, 5xx and default answer is `application/problem+json` with the shared Problem schema, and nothing else. */
export const errorsAreProblems: Oas3Rule = () => ({
  Responses(responses, context) {
    for (const [status, node] of Object.entries(asObject(responses))) {
      if (!/^([45]|default)/.test(status)) continue;
      const location = context.location.child([status]);
      const content = asObject(resolved(node, context)['content']);
      const types = Object.keys(content);
      if (types.length !== 1 || types[0] !== problemJson) {
        context.report({ message: `${status} must answer ${problemJson} alone, not ${types.join(', ') || 'an empty body'}.`, location });
        continue;
      }
      const ref = textOf(asObject(content[problemJson])['schema'], '$ref');
      if (ref === undefined || !ref.endsWith('/Problem'))
        context.report({ message: `${status} must have the shared Problem schema, by reference.`, location });
    }
  },
});
