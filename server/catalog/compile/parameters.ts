import type { ArgumentBinding } from '@stoa/generated/schemas.ts';
import type { Argument, Part } from './arguments.ts';
import { examplesOf } from './examples.ts';
import type { OperationContext } from './operation-context.ts';
import { isObject, objectMember, stringMember } from './json.ts';
import type { JsonObject } from './json.ts';
import { mediaKind, sentMediaType } from './media-types.ts';
import { dereference } from './references.ts';

type Place = 'path' | 'query' | 'header' | 'cookie';
/** `called`: the argument's name, where it is not that of the parameter. */
type Parameter = { place: Place; name: string; value: JsonObject; called?: string };

const places: readonly Place[] = ['path', 'query', 'header', 'cookie'];

/** The serialization styles that OpenAPI allows in each place; the first is the default (OpenAPI 3.1 "Style Values"). */
const stylesOf: Record<Place, readonly NonNullable<ArgumentBinding['style']>[]> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
};

/** OpenAPI 3.1 "Parameter Object": definitions of these headers "SHALL be ignored". */
const describedElsewhere: ReadonlySet<string> = new Set(['accept', 'content-type', 'authorization']);
/** Headers that steer the connection or carry the gateway's own identity: an agent must not set them. */
const reservedHeaders: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'keep-alive', 'expect', 'cookie'],
  ...['proxy-authorization', 'proxy-connection', 'forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'],
]);

/** The arguments that the parameters of a path item and of its operation give, path first. The operation's own win. */
export function parameterArguments(operation: OperationContext): Part {
  const parameters = new Map<string, Parameter>();
  for (const list of [operation.pathItem['parameters'], operation.value['parameters']]) {
    for (const entry of Array.isArray(list) ? list : []) {
      const parameter = readParameter(entry, operation);
      if (parameter !== undefined) parameters.set(`${parameter.place} ${parameter.name}`, parameter);
    }
  }
  const placeholders = new Set(Array.from(operation.path.matchAll(/\{([^{}]+)\}/g), (match) => match[1] ?? ''));
  moveToQuery(parameters, placeholders, operation);
  const part: Part = { arguments: [] };
  for (const name of placeholders) {
    if (parameters.has(`path ${name}`)) continue;
    operation.lose(`The path parameter ${name} is not described; it is taken for text.`);
    parameters.set(`path ${name}`, { place: 'path', name, value: { schema: { type: 'string' } } });
  }
  for (const parameter of [...parameters.values()].toSorted((a, b) => places.indexOf(a.place) - places.indexOf(b.place))) {
    if (parameter.place === 'path' && !placeholders.has(parameter.name)) {
      operation.lose(`The path parameter ${parameter.name} does not stand in the path and is left out.`);
      continue;
    }
    if (isLeftOut(parameter, operation)) continue;
    const argument = argumentOf(parameter, operation);
    if (argument !== undefined) part.arguments.push(argument);
    else if (isRequired(parameter)) return { ...part, impossible: `The required ${parameter.place} parameter ${parameter.name} cannot be sent.` };
  }
  return part;
}

/**
 * A path parameter that the path key has in its query is sent there by the key's name, and is an argument by its own. One that the key gives a
 * value is no argument.
 */
function moveToQuery(parameters: Map<string, Parameter>, inPath: ReadonlySet<string>, { query, placeholders }: OperationContext): void {
  const described = new Map(parameters);
  for (const [called, name] of placeholders) {
    const value = described.get(`path ${called}`)?.value ?? described.get(`query ${name}`)?.value ?? { schema: { type: 'string' } };
    const { style: _style, explode: _explode, ...rest } = value;
    if (!inPath.has(called)) parameters.delete(`path ${called}`);
    parameters.set(`query ${name}`, { place: 'query', name, called, value: { ...rest, required: true } });
  }
  for (const name of new URLSearchParams(query).keys()) parameters.delete(`query ${name}`);
}

function readParameter(entry: unknown, operation: OperationContext): Parameter | undefined {
  const found = dereference(operation.document, entry);
  if (!found.found) {
    operation.lose(`A parameter is left out. ${found.reason}`);
    return undefined;
  }
  const name = stringMember(found.value, 'name');
  const place = places.find((each) => each === found.value['in']);
  if (name !== undefined && name.length <= 256 && place !== undefined) return { place, name, value: found.value };
  operation.lose(
    `The parameter ${name?.slice(0, 100) ?? 'without a name'} in "${String(found.value['in']).slice(0, 40)}" is left out: ${places.join(', ')} are the places known.`,
  );
  return undefined;
}

/** Parameters that are no argument: those OpenAPI says to ignore, credentials of the API, and headers an agent must not set. */
function isLeftOut(parameter: Parameter, operation: OperationContext): boolean {
  const isHeader = parameter.place === 'header';
  const name = isHeader ? parameter.name.toLowerCase() : parameter.name;
  if (isHeader && describedElsewhere.has(name)) return true;
  if (operation.credentials.has(`${parameter.place} ${name}`)) return true;
  if (!isHeader) return false;
  if (reservedHeaders.has(name)) operation.lose(`The header ${parameter.name} is the gateway's own and no argument.`);
  else if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) operation.lose(`${parameter.name} is no name of a header and is left out.`);
  else return false;
  return true;
}

function isRequired(parameter: Parameter): boolean {
  return parameter.place === 'path' || parameter.value['required'] === true;
}

function argumentOf(parameter: Parameter, operation: OperationContext): Argument | undefined {
  const { place, name, value, called } = parameter;
  const where = `${operation.where}, ${place} parameter ${name}`;
  const base = { in: place, name, required: isRequired(parameter) };
  const description = stringMember(value, 'description');
  const told = {
    ...(called === undefined ? {} : { called }),
    description,
    examples: examplesOf(operation.document, value),
    deprecated: value['deprecated'] === true,
    ...(value['x-mcp-header'] === undefined ? {} : { mcpHeader: value['x-mcp-header'] }),
  };
  const content = objectMember(value, 'content');
  const [mediaType, media] = Object.entries(content ?? {})[0] ?? [];
  if (mediaType !== undefined) {
    const kind = mediaKind(mediaType);
    if (kind !== 'json' && kind !== 'text') {
      operation.lose(`The ${place} parameter ${name} is described as ${mediaType.slice(0, 100)}, which a tool cannot send.`);
      return undefined;
    }
    const schema = isObject(media) ? (media['schema'] ?? {}) : {};
    const fragment = operation.schemas.convert(kind === 'text' ? { type: 'string' } : schema, 'input', where);
    return {
      binding: { ...base, content_type: sentMediaType(mediaType, kind) },
      fragment,
      ...told,
      examples: [...told.examples, ...examplesOf(operation.document, media)],
    };
  }
  if (value['schema'] === undefined) operation.lose(`The ${place} parameter ${name} has no schema; it is taken for text.`);
  const fragment = operation.schemas.convert(value['schema'] ?? { type: 'string' }, 'input', where);
  return { binding: { ...base, ...serialization(parameter, operation) }, fragment, ...told };
}

/** Style and explode with OpenAPI's defaults filled in. */
function serialization(
  { place, name, value }: Parameter,
  operation: OperationContext,
): Pick<ArgumentBinding, 'style' | 'explode' | 'allow_reserved'> {
  const allowed = stylesOf[place];
  const wanted = value['style'] ?? allowed[0];
  const style = allowed.find((each) => each === wanted) ?? allowed[0] ?? 'simple';
  if (style !== wanted)
    operation.lose(`The style ${JSON.stringify(wanted).slice(0, 40)} is not allowed for the ${place} parameter ${name}; ${style} is used.`);
  const explode = typeof value['explode'] === 'boolean' ? value['explode'] : style === 'form';
  return { style, explode, ...(place === 'query' && value['allowReserved'] === true ? { allow_reserved: true } : {}) };
}
