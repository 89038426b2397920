import { additive, breaking, type Change } from './change.ts';
import { compareContent } from './compare-content.ts';
import { compareSchemas } from './compare-schemas.ts';
import { arrayAt, resolveObject, type JsonObject, type OpenApiDocument } from './document.ts';
import type { OperationPair } from './operation-pair.ts';

/** Compares parameters by place and name; those of the path item belong to each of its operations (OpenAPI 3.1 "Path Item Object"). */
export function compareParameters(pair: OperationPair): Change[] {
  const before = parametersOf(pair.baseline, pair.pathBefore, pair.before);
  const after = parametersOf(pair.current, pair.pathAfter, pair.after);
  const where = (key: string): string => `${pair.name} parameter ${key}`;
  return [
    ...[...before.keys()]
      .filter((key) => !after.has(key))
      .map((key) => breaking('parameter-removed', where(key), `The ${key} parameter was removed.`)),
    ...[...after]
      .filter(([key]) => !before.has(key))
      .map(([key, parameter]) =>
        parameter['required'] === true
          ? breaking('required-parameter-added', where(key), `The new ${key} parameter is required: a client that does not know it would be refused.`)
          : additive('parameter-added', where(key), `The ${key} parameter is new.`),
      ),
    ...[...before].flatMap(([key, parameter]) => {
      const now = after.get(key);
      return now === undefined ? [] : compareParameter(pair, parameter, now, where(key));
    }),
  ];
}

function parametersOf(document: OpenApiDocument, pathItem: JsonObject, operation: JsonObject): Map<string, JsonObject> {
  const all = [...arrayAt(pathItem, 'parameters'), ...arrayAt(operation, 'parameters')].map((node) => resolveObject(document, node));
  return new Map(all.map((parameter) => [keyOf(parameter), parameter]));
}

const keyOf = (parameter: JsonObject): string => {
  const place = String(parameter['in']);
  return `${place} ${place === 'header' ? String(parameter['name']).toLowerCase() : String(parameter['name'])}`;
};

function compareParameter(pair: OperationPair, before: JsonObject, after: JsonObject, where: string): Change[] {
  const wasRequired = before['required'] === true;
  const isRequired = after['required'] === true;
  return [
    ...(isRequired && !wasRequired ? [breaking('parameter-became-required', where, 'The parameter was optional and is required.')] : []),
    ...(wasRequired && !isRequired ? [additive('parameter-became-optional', where, 'The parameter is no longer required.')] : []),
    ...(writtenAs(before) === writtenAs(after)
      ? []
      : [breaking('parameter-style-changed', where, `The parameter was written as ${writtenAs(before)} and is written as ${writtenAs(after)}.`)]),
    ...compareContent(pair, before, after, where, 'request'),
    ...compareSchemas(before['schema'] ?? {}, after['schema'] ?? {}, where, { ...pair, direction: 'request', field: String(before['name']) }),
  ];
}

/** How the value is serialised, with the defaults filled in (OpenAPI 3.1 "Parameter Object"), so that spelling a default out is no change. */
function writtenAs(parameter: JsonObject): string {
  const place = String(parameter['in']);
  const style = String(parameter['style'] ?? (place === 'query' || place === 'cookie' ? 'form' : 'simple'));
  const explode = parameter['explode'] ?? style === 'form';
  return `${style}${explode === true ? ', exploded' : ''}${parameter['allowReserved'] === true ? ', reserved characters allowed' : ''}`;
}
