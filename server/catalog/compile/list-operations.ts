import type { Loss } from '@stoa/generated/schemas.ts';
import { arrayMember, isObject, objectMember } from './json.ts';
import type { JsonObject } from './json.ts';
import type { Route } from './names.ts';
import { dereference } from './references.ts';
import { serverUrl } from './upstream-url.ts';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;
const maxPathCharacters = 2048;
/** The bound of the contract on the operations of one API. */
const maxOperations = 10_000;

export type ListedOperation = Route & { where: string; pathItem: JsonObject; value: JsonObject };

/** Every operation of the document that can be called at the upstream, in the document's order; the others as losses. */
export function listOperations(document: JsonObject, upstreamUrl: string): { operations: ListedOperation[]; losses: Loss[] } {
  const operations: ListedOperation[] = [];
  const losses: Loss[] = [];
  const drop = (where: string, what: string): void => void losses.push({ where, what, dropped: true });
  for (const [path, item] of Object.entries(objectMember(document, 'paths') ?? {})) {
    if (!path.startsWith('/')) {
      if (!path.startsWith('x-')) drop(path.slice(0, 200), 'A path must begin with a slash.');
      continue;
    }
    const fault = pathFault(path);
    const found = dereference(document, item);
    if (fault !== undefined || !found.found) {
      drop(path.slice(0, 200), fault ?? `The path is left out. ${found.found ? '' : found.reason}`);
      continue;
    }
    for (const name of [...Object.keys(objectMember(found.value, 'additionalOperations') ?? {}), ...('query' in found.value ? ['query'] : [])]) {
      drop(`${name.toUpperCase().slice(0, 40)} ${path}`, 'The method is not one of OpenAPI 3.1 and cannot be called.');
    }
    for (const method of methods) {
      const value = found.value[method];
      if (value === undefined) continue;
      const where = `${method.toUpperCase()} ${path}`;
      if (!isObject(value)) drop(where, 'The operation is not an object.');
      else if (servedElsewhere(value, found.value, document, upstreamUrl))
        drop(where, 'The operation names a server of its own; tools are called at the one upstream of their API.');
      else if (operations.length >= maxOperations) drop(where, `An API has at most ${maxOperations} operations.`);
      else operations.push({ method: method.toUpperCase(), path, where, operationId: operationIdOf(value), pathItem: found.value, value });
    }
  }
  return { operations, losses };
}

function operationIdOf(operation: JsonObject): string | undefined {
  const id = operation['operationId'];
  return (typeof id === 'string' || typeof id === 'number') && /[A-Za-z0-9]/.test(String(id)) ? String(id) : undefined;
}

/** Why a path cannot be appended to an upstream URL. Dot segments would lead out of the upstream's base path. */
function pathFault(path: string): string | undefined {
  if (path.length > maxPathCharacters) return `The path is longer than ${maxPathCharacters} characters.`;
  if (/[?#]/.test(path)) return 'The path holds a query or a fragment, which a path cannot have.';
  if (/[\s\\\u0000-\u001f]/.test(path)) return 'The path holds a space, a backslash or a control character.';
  const segments = path.split('/').map((segment) => segment.replace(/%2e/gi, '.').replace(/%2f|%5c/gi, '/'));
  if (segments.some((segment) => segment.split('/').some((part) => part === '.' || part === '..'))) return 'The path has dot segments.';
  const rest = path.replace(/\{[^{}/]+\}/g, '');
  return /[{}]/.test(rest) ? 'The braces of the path do not match.' : undefined;
}

/** Whether the operation or its path names servers and the first is not where the API is served anyway. */
function servedElsewhere(operation: JsonObject, pathItem: JsonObject, document: JsonObject, upstreamUrl: string): boolean {
  const server = arrayMember(operation, 'servers')[0] ?? arrayMember(pathItem, 'servers')[0];
  if (!isObject(server)) return false;
  const url = serverUrl(server);
  const common = arrayMember(document, 'servers')[0];
  return url.replace(/\/+$/, '') !== upstreamUrl && url !== (isObject(common) ? serverUrl(common) : undefined);
}
