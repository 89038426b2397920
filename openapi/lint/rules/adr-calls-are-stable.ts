import type { Oas3Rule, UserContext } from '@redocly/openapi-core';
import { adrCalls, type AdrCall } from '../../gate/adr-057.ts';
import { asObject, requiredOf, resolved, type ResolvedNode } from '../nodes.ts';

/**
 * ADR-057: the two calls exist under their paths, require exactly its fields, and answer 200 with its fields.
 * Binds the one document that the option `document` names by its file name; the others need not have the calls.
 */
export const adrCallsAreStable: Oas3Rule = (options: { document?: string }) => ({
  Paths(paths, context) {
    if (!context.location.source.absoluteRef.endsWith(`/${options.document ?? 'registration.yaml'}`)) return;
    for (const call of adrCalls) check(call, asObject(paths)[call.path], context);
  },
});

function check(call: AdrCall, pathItem: unknown, context: UserContext): void {
  const name = `${call.method.toUpperCase()} ${call.path}`;
  const item = resolved(pathItem, context);
  if (item[call.method] === undefined) {
    context.report({ message: `ADR-057 promises ${name}; the document does not have it.` });
    return;
  }
  const location = context.location.child([call.path, call.method]);
  const operation = resolved(item[call.method], context, item.source);
  const tell = (message: string): void => {
    context.report({ message: `${name}: ${message}`, location });
  };

  const request = requiredOf(schemaOf(resolved(operation['requestBody'], context, operation.source), context), context);
  const missing = call.requestRequired.filter((field) => !request.includes(field));
  const extra = request.filter((field) => !call.requestRequired.includes(field));
  if (missing.length > 0) tell(`ADR-057 requires ${missing.join(', ')} in the request.`);
  if (extra.length > 0) tell(`ADR-057 does not know ${extra.join(', ')}; what we add must be optional, or its clients are refused.`);

  const responses = asObject(operation['responses']);
  const others = Object.keys(responses).filter((status) => status.startsWith('2') && status !== call.successStatus);
  if (others.length > 0) tell(`ADR-057 answers ${call.successStatus}, not ${others.join(', ')}.`);
  if (responses[call.successStatus] === undefined) {
    tell(`ADR-057 answers ${call.successStatus}; the document does not.`);
    return;
  }
  const reply = requiredOf(schemaOf(resolved(responses[call.successStatus], context, operation.source), context), context);
  const unpromised = call.responseRequired.filter((field) => !reply.includes(field));
  if (unpromised.length > 0) tell(`ADR-057 always returns ${unpromised.join(', ')}; make it required in the reply.`);
}

function schemaOf(holder: ResolvedNode, context: UserContext): ResolvedNode {
  const media = asObject(asObject(holder['content'])['application/json']);
  return resolved(media['schema'], context, holder.source);
}
