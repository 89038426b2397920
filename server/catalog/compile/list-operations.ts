import type { Loss } from '@stoa/generated/schemas.ts';
import { arrayMember, isObject, objectMember } from './json.ts';
import type { JsonObject } from './json.ts';
import type { Route } from './names.ts';
import { dereference } from './references.ts';
import { readPathKey } from './path-key.ts';
import type { PathKey } from './path-key.ts';
import { DocumentError } from './document-error.ts';
import { ownServerUrl, serverUrl } from './upstream-url.ts';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;
const maxPathCharacters = 2048;
/** The bound of the contract on the operations of one API. */
const maxOperations = 10_000;

export type ListedOperation = Route &
  Omit<PathKey, 'remark' | 'fault'> & {
    where: string;
    pathItem: JsonObject;
    value: JsonObject;
    /** Where it is served, when not where the API is. */
    server: string | undefined;
  };

/** `upstreamUrl` is where the API is served; `isGiven`, that all of it is served there, whatever the document says. */
export type ServedAt = { upstreamUrl: string; isGiven: boolean; sourceUrl: string | undefined };

/** Every operation of the document that can be called at the upstream, in the document's order; the others as losses. */
export function listOperations(document: JsonObject, served: ServedAt): { operations: ListedOperation[]; losses: Loss[] } {
  const operations: ListedOperation[] = [];
  const losses: Loss[] = [];
  const drop = (where: string, what: string): void => void losses.push({ where, what, dropped: true });
  for (const [key, item] of Object.entries(objectMember(document, 'paths') ?? {})) {
    if (!key.startsWith('/')) {
      if (!key.startsWith('x-')) drop(key.slice(0, 200), 'A path must begin with a slash.');
      continue;
    }
    const { remark, fault: queryFault, ...target } = readPathKey(key);
    const fault = pathFault(target.path) ?? queryFault;
    const found = dereference(document, item);
    if (fault !== undefined || !found.found) {
      drop(key.slice(0, 200), fault ?? `The path is left out. ${found.found ? '' : found.reason}`);
      continue;
    }
    for (const name of [...Object.keys(objectMember(found.value, 'additionalOperations') ?? {}), ...('query' in found.value ? ['query'] : [])]) {
      drop(`${name.toUpperCase().slice(0, 40)} ${key}`, 'The method is not one of OpenAPI 3.1 and cannot be called.');
    }
    for (const method of methods) {
      const value = found.value[method];
      if (value === undefined) continue;
      const where = `${method.toUpperCase()} ${key}`;
      const server = isObject(value) ? serverOf(value, found.value, document, served) : {};
      if (!isObject(value)) drop(where, 'The operation is not an object.');
      else if (server.fault !== undefined) drop(where, server.fault);
      else if (operations.length >= maxOperations) drop(where, `An API has at most ${maxOperations} operations.`);
      else {
        if (remark !== undefined) losses.push({ where, what: remark, dropped: false });
        const names = { key, operationId: operationIdOf(value), method: method.toUpperCase() };
        operations.push({ ...names, ...target, where, pathItem: found.value, value, server: server.url });
      }
    }
  }
  return { operations, losses: [...losses, ...alike(operations)] };
}

/** Path keys that differ in their fragments or in the names of their parameters make requests that nobody can tell apart. */
function alike(operations: readonly ListedOperation[]): Loss[] {
  const first = new Map<string, ListedOperation>();
  return operations.flatMap((operation) => {
    const { method, path, query, where } = operation;
    const request = JSON.stringify([method, path.replace(/\{[^{}]*\}/g, '{}'), [...new URLSearchParams(query)].map(String).toSorted()]);
    const other = first.get(request);
    if (other === undefined) first.set(request, operation);
    if (other === undefined) return [];
    const what = `Its requests have the method, the path and the query of ${other.where}: both can be called as tools, and Link's /authz refuses both, since a request does not say which of them it is.`;
    return [{ where, what, dropped: false }];
  });
}

function operationIdOf(operation: JsonObject): string | undefined {
  const id = operation['operationId'];
  return (typeof id === 'string' || typeof id === 'number') && /[A-Za-z0-9]/.test(String(id)) ? String(id) : undefined;
}

/** Why a path cannot be appended to an upstream URL. Dot segments would lead out of the upstream's base path. */
function pathFault(path: string): string | undefined {
  if (path.length > maxPathCharacters) return `The path is longer than ${maxPathCharacters} characters.`;
  if (/[\s\\\u0000-\u001f]/.test(path)) return 'The path holds a space, a backslash or a control character.';
  const segments = path.split('/').map((segment) => segment.replace(/%2e/gi, '.').replace(/%2f|%5c/gi, '/'));
  if (segments.some((segment) => segment.split('/').some((part) => part === '.' || part === '..'))) return 'The path has dot segments.';
  const rest = path.replace(/\{[^{}/]+\}/g, '');
  return /[{}]/.test(rest) ? 'The braces of the path do not match.' : undefined;
}

/** The server that the operation or its path names, unless it is the one where the API is served anyway. */
function serverOf(operation: JsonObject, pathItem: JsonObject, document: JsonObject, served: ServedAt): { url?: string | undefined; fault?: string } {
  const server = arrayMember(operation, 'servers')[0] ?? arrayMember(pathItem, 'servers')[0];
  const common = arrayMember(document, 'servers')[0];
  if (served.isGiven || !isObject(server) || (isObject(common) && serverUrl(server) === serverUrl(common))) return {};
  try {
    return { url: ownServerUrl(server, served.upstreamUrl, served.sourceUrl) };
  } catch (error) {
    if (error instanceof DocumentError) return { fault: error.message };
    throw error;
  }
}
