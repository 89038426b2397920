import { VersionedMap } from '@stoa/lib/versioned-map.ts';
import type { OperationEntry, RouteMatch } from '../model.ts';

type Part = string | undefined;
/** `literals` are, segment by segment, the texts around placeholders. */
type Route = {
  readonly parts: readonly Part[];
  readonly literals: readonly (readonly string[])[];
  readonly query: readonly string[];
  readonly operation: OperationEntry;
};

const maxPathLength = 8192;

/** `path` comes without its `query`. */
export type Matcher = (method: string, path: string, query?: string) => RouteMatch;

/** The same for a path with its query, as it stands in the first line of a request. */
export function matchTarget(match: Matcher, method: string, target: string): RouteMatch {
  const queryAt = target.indexOf('?');
  return queryAt < 0 ? match(method, target) : match(method, target.slice(0, queryAt), target.slice(queryAt + 1));
}

/**
 * Finds operations by method and path. Segments match whole: `/pay` is not `/payments` (lesson 27). The most specific route wins:
 * literal segments before placeholders, from the left. The same route in two APIs is ambiguous, for no one can say whose policies count.
 * A path that a more specific route has in another case is refused: `/orders/Export` is an order to us, and to an upstream that does
 * not mind case it is the export, whose policies we would not have asked.
 *
 * Routes stand in a tree whose branches are segments in lower case, or `anything` for those with a placeholder; a branch is named by its
 * method, its depth and the way to it, so that a change touches the branches of its own routes only.
 */
export class RouteTable {
  /** How many routes are behind each branch. */
  readonly #branches = new VersionedMap<string, number>();
  readonly #leaves = new VersionedMap<string, readonly Route[]>();
  readonly #templateOf: (operation: OperationEntry) => string;

  /** `templateOf` says which path of an operation requests are held against. */
  constructor(templateOf: (operation: OperationEntry) => string = ({ pathTemplate }) => pathTemplate) {
    this.#templateOf = templateOf;
  }

  add(operation: OperationEntry): void {
    const route = this.#compile(operation);
    const leaf = this.#walk(route, 1);
    this.#leaves.set(leaf, [...(this.#leaves.get(leaf) ?? []), route]);
  }

  delete(operation: OperationEntry): void {
    const leaf = this.#walk(this.#compile(operation), -1);
    const left = (this.#leaves.get(leaf) ?? []).filter((route) => route.operation !== operation);
    if (left.length > 0) this.#leaves.set(leaf, left);
    else this.#leaves.delete(leaf);
  }

  #compile(operation: OperationEntry): Route {
    return compileRoute(operation, this.#templateOf(operation));
  }

  /** Counts a route in at the branches on the way to its leaf, and answers that. */
  #walk({ operation, parts }: Route, by: 1 | -1): string {
    let branch = rootOf(operation.method, parts.length);
    for (const part of parts) {
      const count = (this.#branches.get(branch) ?? 0) + by;
      if (count > 0) this.#branches.set(branch, count);
      else this.#branches.delete(branch);
      branch = below(branch, part ?? anything);
    }
    return branch;
  }

  /** What finds the routes that there are now, and no later ones. */
  publish(): Matcher {
    return createMatcher(this.#branches.publish(), this.#leaves.publish());
  }
}

/** No segment of a path that is looked up holds a NUL. */
const anything = '\0';
const rootOf = (method: string, depth: number): string => `${method} ${depth}`;
const below = (branch: string, part: string): string => `${branch}/${part.toLowerCase()}`;

function createMatcher(branches: ReadonlyMap<string, number>, leaves: ReadonlyMap<string, readonly Route[]>): Matcher {
  const candidates = (root: string, segments: readonly string[]): readonly Route[] => {
    let ways = [root];
    for (const segment of segments) {
      const next: string[] = [];
      for (const way of ways) if (branches.has(way)) next.push(below(way, segment), `${way}/${anything}`);
      ways = next;
    }
    const [only] = ways;
    return ways.length === 1 && only !== undefined ? (leaves.get(only) ?? []) : ways.flatMap((way) => leaves.get(way) ?? []);
  };
  return (method, path, query = '') => {
    const segments = segmentsOf(path);
    if (segments === undefined) return refused;
    const find = (asked: string): RouteMatch => {
      const routes = candidates(rootOf(asked, segments.length), segments);
      return bestOf(routes.length > 1 ? [...routes].sort(bySpecificity) : routes, segments, query);
    };
    const found = find(method);
    // What may be read may be asked about (RFC 9110 §9.3.2), where HEAD is no operation of its own.
    return method === 'HEAD' && found.kind === 'none' ? find('GET') : found;
  };
}

function bestOf(routes: readonly Route[], segments: readonly string[], query: string): RouteMatch {
  const [best, next] = routes.filter((route) => matches(route, segments) && holdsQuery(route, query));
  if (best === undefined) return none;
  if (routes.some((route) => bySpecificity(route, best) < 0 && !matches(route, segments) && matchesButForCase(route, segments))) return refused;
  if (next !== undefined && bySpecificity(best, next) === 0) return ambiguous;
  return { kind: 'match', operation: best.operation };
}

const none: RouteMatch = { kind: 'none' };
const refused: RouteMatch = { kind: 'refused' };
const ambiguous: RouteMatch = { kind: 'ambiguous' };

/**
 * The decoded segments of a path, or undefined for one that the gateway, the upstream and we might read differently: encoded
 * separators, dot segments, empty segments, backslashes, control characters, triples that are none.
 */
function segmentsOf(path: string): string[] | undefined {
  if (!path.startsWith('/') || path.length > maxPathLength || /[\\#?;\x00-\x20\x7f]/.test(path)) return undefined;
  const segments = path.slice(1).split('/');
  for (const [index, segment] of segments.entries()) {
    const decoded = segment.includes('%') ? decode(segment) : segment;
    if (decoded === undefined || /^\.\.?(?:;|$)|[/\\\x00-\x1f\x7f%]/.test(decoded)) return undefined;
    if (decoded === '' && index < segments.length - 1) return undefined;
    segments[index] = decoded;
  }
  return segments;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** A part is literal text, or undefined for a segment with a placeholder. */
function compileRoute(operation: OperationEntry, template: string): Route {
  const segments = template.split('/').slice(1);
  return {
    operation,
    query: pairsOf(operation.query ?? ''),
    parts: segments.map((segment) => (segment.includes('{') ? undefined : (decode(segment) ?? segment))),
    literals: segments.map((segment) => segment.split(/\{[^{}]*\}/)),
  };
}

/** Whether the literals stand in the segment in their order, with something between each two. The leftmost place is right if any is. */
function fits(segment: string, literals: readonly string[]): boolean {
  const [first = '', ...rest] = literals;
  const last = rest.pop() ?? '';
  if (!segment.startsWith(first)) return false;
  let end = first.length;
  for (const literal of rest) {
    const found = segment.indexOf(literal, end + 1);
    if (found === -1) return false;
    end = found + literal.length;
  }
  return segment.endsWith(last) && segment.length - last.length > end;
}

function matches({ parts, literals }: Route, segments: readonly string[]): boolean {
  return parts.every((part, index) => {
    const segment = segments[index] ?? '';
    return part === undefined ? fits(segment, literals[index] ?? []) : part === segment;
  });
}

function matchesButForCase({ parts, literals }: Route, segments: readonly string[]): boolean {
  return parts.every((part, index) => {
    const segment = segments[index] ?? '';
    return part === undefined ? fits(segment, literals[index] ?? []) : part.toLowerCase() === segment.toLowerCase();
  });
}

/** Pairs of a query, decoded, so that an operation told apart by one is found however it is spelt. */
function pairsOf(query: string): string[] {
  return query === '' ? [] : Array.from(new URLSearchParams(query), ([name, value]) => `${name}=${value}`);
}

function holdsQuery(route: Route, query: string): boolean {
  if (route.query.length === 0) return true;
  const pairs = new Set(pairsOf(query));
  return route.query.every((pair) => pairs.has(pair));
}

function bySpecificity(a: Route, b: Route): number {
  for (const [index, part] of a.parts.entries()) {
    const other = b.parts[index];
    if ((part === undefined) !== (other === undefined)) return part === undefined ? 1 : -1;
    const difference = textOf(b, index) - textOf(a, index);
    // Of two segments with placeholders, the one with more text around them says more.
    if (part === undefined && difference !== 0) return difference;
  }
  return b.query.length - a.query.length;
}

/** How much a segment says: its literal characters, and one for each placeholder. */
const textOf = ({ literals }: Route, index: number): number => (literals[index] ?? []).reduce((sum, literal) => sum + literal.length + 1, 0);
