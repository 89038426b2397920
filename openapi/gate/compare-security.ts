import { additive, breaking, type Change } from './change.ts';
import { arrayAt, canonical, isObject, objectAt, resolveObject, type JsonObject, type OpenApiDocument } from './document.ts';
import type { OperationPair } from './operation-pair.ts';

/** One way to be let in: every scheme of it with its scopes, as `scheme` and `scheme:scope`. */
type Alternative = ReadonlySet<string>;

/**
 * Compares what a caller must show. Whatever let a caller in must still do so; a new alternative is additive,
 * and dropping all demands is listed so that a reviewer sees it.
 */
export function compareSecurity(pair: OperationPair): Change[] {
  const before = alternativesOf(pair.baseline, pair.before);
  const after = alternativesOf(pair.current, pair.after);
  const isCovered = (alternative: Alternative): boolean => after.some((other) => demandsNoMore(other, alternative));
  const lost = before.filter((alternative) => !isCovered(alternative));
  if (lost.length > 0)
    return lost.map((alternative) =>
      breaking('security-changed', pair.name, `${shown(alternative)} let a caller in; now it takes ${after.map(shown).join(', or ')}.`),
    );
  const gained = after.filter((alternative) => !before.some((other) => demandsNoMore(other, alternative) && demandsNoMore(alternative, other)));
  return gained.map((alternative) => additive('security-loosened', pair.name, `${shown(alternative)} lets a caller in now.`));
}

const demandsNoMore = (left: Alternative, right: Alternative): boolean => [...left].every((demand) => right.has(demand));

/** No `security`, or an empty one, asks for nothing (OpenAPI 3.1 "Operation Object"). */
function alternativesOf(document: OpenApiDocument, operation: JsonObject): Alternative[] {
  const requirements = arrayAt(Array.isArray(operation['security']) ? operation : document, 'security').filter(isObject);
  if (requirements.length === 0) return [new Set()];
  return requirements.map(
    (requirement) =>
      new Set(
        Object.entries(requirement).flatMap(([scheme, scopes]) => [
          scheme,
          ...(Array.isArray(scopes) ? scopes.map((scope) => `${scheme}:${String(scope)}`) : []),
        ]),
      ),
  );
}

const shown = (alternative: Alternative): string => (alternative.size === 0 ? 'no credential' : [...alternative].join(' with '));

/** Compares what the schemes' names stand for; a scheme that no operation uses harms nobody, so only shared ones count. */
export function compareSecuritySchemes(baseline: OpenApiDocument, current: OpenApiDocument): Change[] {
  const before = objectAt(baseline.components, 'securitySchemes');
  const after = objectAt(current.components, 'securitySchemes');
  const essence = (document: OpenApiDocument, node: unknown): string => {
    const { description: _description, bearerFormat: _bearerFormat, ...wire } = resolveObject(document, node);
    return canonical(wire);
  };
  return Object.keys(before)
    .filter((name) => after[name] !== undefined && essence(baseline, before[name]) !== essence(current, after[name]))
    .map((name) => breaking('security-scheme-changed', `#/components/securitySchemes/${name}`, 'The scheme means something else now.'));
}
