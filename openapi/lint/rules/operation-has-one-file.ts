import { basename } from 'node:path';
import type { Oas3Rule } from '@redocly/openapi-core';
import { asObject, httpMethods, resolved, textOf } from '../nodes.ts';

/** One operation, one file, one name: the entry document only says where each stands, in `./paths/<operation-id>.yaml`. */
export const operationHasOneFile: Oas3Rule = () => ({
  PathItem(pathItem, context) {
    for (const method of httpMethods) {
      const node = asObject(pathItem)[method];
      if (node === undefined) continue;
      const location = context.location.child([method]);
      const operationId = textOf(resolved(node, context), 'operationId');
      const ref = textOf(node, '$ref');
      if (operationId === undefined) {
        context.report({ message: 'The operation needs an operationId: it names the file, the handler and the client function.', location });
        continue;
      }
      const expected = `./paths/${kebabCase(operationId)}.yaml`;
      if (ref !== expected)
        context.report({
          message: `${operationId} must be { $ref: ${expected} }${ref === undefined ? ', not written inline' : `, not ${basename(ref)}`}.`,
          location,
        });
    }
  },
});

export const kebabCase = (name: string): string =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
