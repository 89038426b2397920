import { adrCalls, compareWithAdr } from './adr-057.ts';
import { additive, breaking, type Change } from './change.ts';
import { compareOperation } from './compare-operations.ts';
import { compareSecuritySchemes } from './compare-security.ts';
import { SeenPairs } from './comparison.ts';
import { canonical, objectAt, resolveObject, stringsAt, arrayAt, type JsonObject, type OpenApiDocument } from './document.ts';
import { compareModeComponents } from './mode-components.ts';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/**
 * Lists every change between two bundled OpenAPI 3.1 documents, breaking ones first. Wording, examples and tags are not
 * compared. Of the constructs that cannot be decided (`if`, `not`, callbacks, webhooks) any edit counts as breaking.
 * Throws UnresolvedRefError when a document is not bundled.
 */
export function compareContracts(baseline: OpenApiDocument, current: OpenApiDocument): Change[] {
  const promised = adrCalls.filter((call) => objectAt(baseline, 'paths')[call.path] !== undefined);
  const changes = [
    ...compareWithAdr(current, promised),
    ...comparePaths(baseline, current),
    ...compareModeComponents(baseline, current),
    ...compareSecuritySchemes(baseline, current),
    ...compareServers(baseline, current),
    ...(canonical(baseline['webhooks']) === canonical(current['webhooks'])
      ? []
      : [breaking('webhooks-changed', '#/webhooks', 'Webhooks changed; compatibility cannot be shown.')]),
  ];
  const distinct = [...new Map(changes.map((change) => [canonical(change), change])).values()];
  return [...distinct.filter((change) => change.severity === 'breaking'), ...distinct.filter((change) => change.severity === 'additive')];
}

function comparePaths(baseline: OpenApiDocument, current: OpenApiDocument): Change[] {
  const before = objectAt(baseline, 'paths');
  const after = objectAt(current, 'paths');
  const seen = new SeenPairs();
  const removed = Object.keys(before).filter((path) => after[path] === undefined);
  const added = Object.keys(after).filter((path) => before[path] === undefined);
  return [
    ...removed.map((path) => breaking('path-removed', path, renameHint(path, added))),
    ...added.map((path) => additive('path-added', path, 'The path is new.')),
    ...Object.keys(before)
      .filter((path) => after[path] !== undefined)
      .flatMap((path) => comparePathItem(baseline, current, path, resolveObject(baseline, before[path]), resolveObject(current, after[path]), seen)),
  ];
}

const renameHint = (path: string, added: readonly string[]): string => {
  const shape = (text: string): string => text.replaceAll(/\{[^}]*\}/g, '{}');
  const twin = added.find((other) => shape(other) === shape(path));
  if (twin !== undefined) return `The path is written ${twin} now; the name of a path parameter is part of the contract.`;
  return added.length === 0
    ? 'The path was removed.'
    : `The path was removed; if it was renamed (${added.join(', ')} is new), keep the old one beside it.`;
};

function comparePathItem(
  baseline: OpenApiDocument,
  current: OpenApiDocument,
  path: string,
  pathBefore: JsonObject,
  pathAfter: JsonObject,
  seen: SeenPairs,
): Change[] {
  return methods.flatMap((method) => {
    const name = `${method.toUpperCase()} ${path}`;
    if (pathBefore[method] === undefined) return pathAfter[method] === undefined ? [] : [additive('operation-added', name, 'The operation is new.')];
    if (pathAfter[method] === undefined) return [breaking('operation-removed', name, 'The operation was removed.')];
    const before = resolveObject(baseline, pathBefore[method]);
    const after = resolveObject(current, pathAfter[method]);
    return compareOperation({ baseline, current, name, before, after, pathBefore, pathAfter, seen });
  });
}

/** The path part of a server's address is in front of every path; the host is the operator's affair. */
function compareServers(baseline: OpenApiDocument, current: OpenApiDocument): Change[] {
  const prefixes = (document: OpenApiDocument): string[] => {
    const urls = arrayAt(document, 'servers').flatMap((server) => stringsAt({ urls: [objectAt({ server }, 'server')['url']] }, 'urls'));
    const paths = urls.map((url) => url.replace(/^[a-z]+:\/\/[^/]*/, '').replace(/\/$/, ''));
    return paths.length === 0 ? [''] : paths;
  };
  const now = prefixes(current);
  return [...new Set(prefixes(baseline))]
    .filter((prefix) => !now.includes(prefix))
    .map((prefix) => breaking('server-prefix-removed', '#/servers', `Paths are no longer served below ${JSON.stringify(prefix || '/')}.`));
}
