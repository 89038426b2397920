import type { Oas3Rule, UserContext } from '@redocly/openapi-core';
import { asObject, resolved, textOf } from '../nodes.ts';

/** What a reader of the rendered documents sees: every operation, parameter, answer and field says what it is, in sentences. */
export const descriptionsAreSentences: Oas3Rule = () => ({
  Operation(operation, context) {
    const summary = textOf(operation, 'summary');
    if (summary !== undefined && /[.!?]\s*$/.test(summary)) tell('A summary is a title: end it without a period.', ['summary'], context);
    check('The operation', textOf(operation, 'description'), [], context);
  },
  Parameter(parameter, context) {
    check(`The parameter ${textOf(parameter, 'name') ?? ''}`, textOf(parameter, 'description'), [], context);
  },
  Response(response, context) {
    check('The response', textOf(response, 'description'), [], context);
  },
  SchemaProperties(properties, context) {
    for (const [name, node] of Object.entries(asObject(properties))) {
      check(`The field ${name}`, textOf(node, 'description') ?? textOf(resolved(node, context), 'description'), [name], context);
    }
  },
});

/** A sentence begins with a capital, a digit, a sign or code, and ends with a stop, which may stand before a closing quote or bracket. */
function check(what: string, description: string | undefined, path: string[], context: UserContext): void {
  if (description === undefined || description.trim() === '') tell(`${what} has no description.`, path, context);
  else if (/^\p{Ll}/u.test(description)) tell(`${what}: the description begins in lower case; write a sentence.`, path, context);
  else if (!/[.!?][)"'*`]*\s*$/.test(description)) tell(`${what}: the description does not end like a sentence.`, path, context);
}

const tell = (message: string, path: string[], { report, location }: UserContext): void => {
  report({ message, location: path.length === 0 ? location : location.child(path) });
};
