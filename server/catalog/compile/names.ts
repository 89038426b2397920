import { bounded, shortHash } from './json.ts';

/** What every MCP client and model host accepts as the name of a tool. */
const maxToolNameLength = 64;
const maxOperationIdLength = 256;
/** The longest argument name that model hosts accept. */
const maxArgumentLength = 64;

/** `key` is the path as the document has it, with what tells operations of one path apart. */
export type Route = { method: string; key: string; operationId: string | undefined };
export type OperationNames = {
  operationId: string;
  toolName: string;
  /** Why the names are not simply those of the document. */
  remark: string | undefined;
};

/**
 * The operationId and the tool name of each route, unique within the document whatever it says and independent of the order of
 * its paths. A name that is taken, too long or missing never fails the document.
 */
export function nameOperations(api: string, routes: readonly Route[]): Map<Route, OperationNames> {
  const names = new Map<Route, OperationNames>();
  const taken = { ids: new Set<string>(), tools: new Set<string>() };
  for (const route of inOrderOfClaim(routes)) {
    const key = `${route.method} ${route.key}`;
    const own = route.operationId?.slice(0, maxOperationIdLength);
    const repeated = own !== undefined && taken.ids.has(own);
    const wanted = own === undefined || repeated ? derivedOperationId(route) : own;
    const operationId = taken.ids.has(wanted) ? `${bounded(wanted, maxOperationIdLength - 10)}_${shortHash(key)}` : wanted;
    const plain = toolName(`${api}_${operationId}`);
    const collides = taken.tools.has(plain);
    const name = collides ? withHash(plain, `${api} ${key}`) : plain;
    taken.ids.add(operationId);
    taken.tools.add(name);
    const remark = repeated
      ? `The operationId ${own} is used more than once; this operation is called ${operationId}.`
      : collides
        ? `Another operation has the tool name ${plain}; this one is called ${name}.`
        : undefined;
    names.set(route, { operationId, toolName: name, remark });
  }
  return names;
}

/** A name of letters, digits, `_` and `-` with at most 64 characters; a longer one ends in a hash of the whole. */
export function toolName(text: string): string {
  const clean = sanitized(text);
  return clean.length <= maxToolNameLength && clean !== '' ? clean : withHash(clean, text);
}

/**
 * The name of an argument for the parameter `name`: `uids[]` is `uids`. Taken names get the place, then a number.
 * @param taken the names given so far; the new one is added
 */
export function argumentName(name: string, place: string, taken: Set<string>): string {
  const clean = sanitized(name);
  const base = clean === '' ? `arg_${shortHash(name)}` : clean.length > maxArgumentLength ? `${clean.slice(0, 55)}_${shortHash(name)}` : clean;
  const inPlace = `${base.slice(0, maxArgumentLength - 10)}_${place}`;
  let argument = taken.has(base) ? inPlace : base;
  for (let number = 2; taken.has(argument); number += 1) argument = `${inPlace}_${number}`;
  taken.add(argument);
  return argument;
}

/** Those whose name survives unchanged choose first, so that a new operation takes no older one's name; then by path and method. */
function inOrderOfClaim(routes: readonly Route[]): Route[] {
  const rank = (route: Route): number => (route.operationId === undefined ? 2 : sanitized(route.operationId) === route.operationId ? 0 : 1);
  const key = (route: Route): string => `${route.key} ${route.method}`;
  return routes.toSorted((a, b) => rank(a) - rank(b) || (key(a) < key(b) ? -1 : 1));
}

function derivedOperationId(route: Route): string {
  return sanitized(`${route.method.toLowerCase()} ${route.key.replace(/[{}]/g, '')}`).slice(0, maxOperationIdLength);
}

function withHash(text: string, whole: string): string {
  return `${text.slice(0, maxToolNameLength - 9)}_${shortHash(whole)}`;
}

/** Each run of other characters becomes one underscore; at either end it goes. */
function sanitized(text: string): string {
  return text.replace(/^[^A-Za-z0-9_-]+|[^A-Za-z0-9_-]+$/g, '').replace(/[^A-Za-z0-9_-]+/g, '_');
}
