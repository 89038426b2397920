import { objectMember } from './json.ts';
import { mediaKind } from './media-types.ts';
import type { OperationContext } from './operation-context.ts';
import { dereference } from './references.ts';

const maxTypes = 8;
const maxCharacters = 1024;

/** The `Accept` header that names what the operation answers, JSON before the rest; undefined where the document does not say. */
export function acceptOf(operation: OperationContext): string | undefined {
  const responses = Object.entries(objectMember(operation.value, 'responses') ?? {});
  const successes = responses.filter(([status]) => /^2(\d\d|XX)$/i.test(status));
  const told = successes.length > 0 ? successes : responses.filter(([status]) => status === 'default');
  const types = told.flatMap(([, response]) => {
    const found = dereference(operation.document, response);
    return found.found ? Object.keys(objectMember(found.value, 'content') ?? {}) : [];
  });
  const sendable = [...new Set(types.map((type) => type.trim()))].filter((type) =>
    /^[\w!#$&^.+*-]+\/[\w!#$&^.+*-]+(\s*;[\x20-\x2b\x2d-\x7e]*)?$/.test(type),
  );
  if (sendable.length === 0 || sendable.includes('*/*')) return undefined;
  const [first, ...rest] = sendable.toSorted((a, b) => Number(mediaKind(b) === 'json') - Number(mediaKind(a) === 'json')).slice(0, maxTypes);
  const accept = [first, ...rest.map((type) => `${type};q=0.9`), '*/*;q=0.1'].join(', ');
  return accept.length <= maxCharacters ? accept : first;
}
