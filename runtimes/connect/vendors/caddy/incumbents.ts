import { isRecord } from '../../engine/compare.ts';
import type { Incumbent } from '../../engine/model.ts';
import { listOf, parts, treeId } from './document.ts';
import type { CaddyObserved } from './fetch.ts';
import { shapeOf } from './paths.ts';

type Taker = { readonly methods: readonly string[]; readonly paths: readonly string[]; readonly label: string };

/**
 * Who takes which requests now. Ours by their operations; of others, what stands before ours and takes a path, or all that begins so, whatever the host.
 * Looked up for each operation that is asked about: what a pattern takes cannot be listed.
 */
class Incumbents extends Map<string, Incumbent> {
  readonly #takers: readonly Taker[];

  constructor(own: readonly (readonly [string, Incumbent])[], takers: readonly Taker[]) {
    super(own);
    this.#takers = takers;
  }

  override get(claim: string): Incumbent | undefined {
    const [method = '', path = ''] = claim.split(/ (.*)/s);
    const taker = this.#takers.find(
      ({ methods, paths }) =>
        (methods.length === 0 || methods.includes(method)) &&
        // What a route takes without a host it takes at every one.
        paths.some((pattern) => takes(pattern, pattern.startsWith('/') ? path.slice(path.indexOf('/')) : path)),
    );
    return taker === undefined ? super.get(claim) : { label: `${taker.label}, which STOA Connect did not make` };
  }
}

export function caddyIncumbents(gatewayId: string, { tree, before, server }: CaddyObserved): ReadonlyMap<string, Incumbent> {
  const own = claimsIn(gatewayId, tree).map(({ claim, apiId, name }) => [claim, { itemId: `api:${apiId}`, label: `the API ${name}` }] as const);
  return new Incumbents(own, takersIn(before, `server ${server}`));
}

function claimsIn(gatewayId: string, tree: unknown): { claim: string; apiId: string; name: string }[] {
  return parts(gatewayId, tree).flatMap(({ apiId, name, takes: own }) =>
    own.flatMap((take) => {
      const [set] = listOf(take, 'sets');
      const regexp = isRecord(set) ? set['path_regexp'] : undefined;
      const shape = shapeOf(isRecord(regexp) ? regexp['pattern'] : undefined);
      const [host = ''] = listOf(set, 'host').map(String);
      return shape === undefined ? [] : listOf(set, 'method').map((method) => ({ claim: `${String(method)} ${host}${shape}`, apiId, name }));
    }),
  );
}

/** Routes that are tied to a host or to anything else of a request but method and path leave the others to ours. */
const plain: ReadonlySet<string> = new Set(['method', 'path', 'path_regexp']);

function takersIn(routes: readonly unknown[], where: string): Taker[] {
  return routes.flatMap((route, index): Taker[] => {
    const mark = isRecord(route) ? route['@id'] : undefined;
    const label = typeof mark === 'string' ? `the route ${mark} of ${where}` : `route ${index} of ${where}`;
    const other = typeof mark === 'string' ? /^stoa-([0-9a-f-]{36})$/.exec(mark)?.[1] : undefined;
    if (other !== undefined) {
      return claimsIn(other, route).map(({ claim, name }) => {
        const [method = '', path = ''] = claim.split(/ (.*)/s);
        return { methods: [method], paths: [path], label: `the API ${name} of another STOA Connect (${treeId(other)})` };
      });
    }
    return listOf(route, 'match').flatMap((set) => {
      if (!isRecord(set) || Object.keys(set).some((matcher) => !plain.has(matcher))) return [];
      const paths = listOf(set, 'path').map(String);
      return paths.length === 0 ? [] : [{ methods: listOf(set, 'method').map(String), paths, label }];
    });
  });
}

/** Caddy's `path` matcher compares without regard to case; a star at the end takes all that begins so. */
function takes(pattern: string, shape: string): boolean {
  const [wanted, path] = [pattern.toLowerCase(), shape.toLowerCase()];
  return wanted.endsWith('*') ? path.startsWith(wanted.slice(0, -1)) : wanted === path;
}
