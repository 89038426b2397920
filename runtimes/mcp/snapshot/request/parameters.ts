import type { ApiOperation, ArgumentBinding } from '@stoa/generated/schemas.ts';
import { parseExactJson } from '@stoa/lib/exact-json.ts';
import type { Forwarding, KnownArguments, ReceivedRequest } from '../../model.ts';
import { lazyValidator, schemaFault } from '../arguments/arguments.ts';
import { usableBindings } from './build.ts';
import type { UpstreamTarget } from './build.ts';
import { fault } from './path.ts';
import { namedIn, plainName } from './received-headers.ts';
import { isRecord } from './styles.ts';

type Schema = Readonly<Record<string, unknown>>;
type Place = 'path' | 'query' | 'header' | 'cookie';
/** The texts of a parameter in a request, none where it is absent. */
type Find = (parts: Parts) => readonly string[];
type Parts = {
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  /** What of the query stands behind a `;`, which some upstreams take for an `&`. */
  readonly behind: URLSearchParams;
  /** Those of the query that a `;` stands in. */
  readonly cut: URLSearchParams;
  readonly headers: ReceivedRequest['headers'];
  /** Plain names of headers that `Connection` names: they end here. */
  readonly ending: ReadonlySet<string>;
};
type Read = (texts: readonly string[]) => { readonly value: unknown; readonly isExact: boolean };
type Judged = {
  readonly argument: string;
  readonly place: Place;
  readonly name: string;
  readonly isList: boolean;
  readonly find: Find;
  readonly read: Read;
};

/**
 * Holds the parameters of a request against the schemas that a tool's arguments are held against. What a text can be read as in one way only is judged: numbers,
 * truth values and texts in OpenAPI's usual styles, and lists of them in the query. What has one value is given once. Bodies are not judged: they pass by unread.
 */
export function compileParameters(
  operation: ApiOperation,
  context: Pick<UpstreamTarget, 'credentials' | 'headers'>,
): Pick<Forwarding, 'faults' | 'knownArguments'> {
  const { input_schema: input } = operation.tool;
  const properties = isRecord(input['properties']) ? input['properties'] : {};
  const bindings = usableBindings(operation.bindings, context);
  const judged = bindings.flatMap((binding) => compileOne(operation, binding, properties[binding.argument]) ?? []);
  const unread = bindings.map(({ argument }) => argument).filter((argument) => judged.every((each) => each.argument !== argument));
  const schema = schemaOf(operation, judged);
  const validate = judged.length === 0 || schemaFault(schema) !== undefined ? undefined : lazyValidator(schema);
  return {
    faults(request) {
      if (validate === undefined) return [];
      const { args, doubts, holdsExact } = readAll(judged, request);
      const told = doubts.flatMap(({ each, message }) => (message === undefined ? [] : fault(each.argument, message)));
      return told.length > 0 ? told : validate(args, holdsExact);
    },
    knownArguments(request): KnownArguments {
      const isWhole = 'headers' in request;
      const [known, untold] = [
        judged.filter(({ place }) => isWhole || place !== 'header'),
        isWhole ? [] : judged.filter(({ place }) => place === 'header'),
      ];
      const { args, doubts } = readAll(known, isWhole ? request : { ...request, headers: {} });
      return { values: args, unknown: [...unread, ...[...untold, ...doubts.map(({ each }) => each)].map(({ argument }) => argument)] };
    },
  };
}

/** Of what nobody knows as what an upstream takes it, and what is to be said of it; undefined where it may well be what it looks like. */
type Doubt = { readonly each: Judged; readonly message: string | undefined };

function readAll(judged: readonly Judged[], request: ReceivedRequest) {
  const parts = partsOf(request);
  const args: Record<string, unknown> = {};
  const doubts: Doubt[] = [];
  let holdsExact = false;
  for (const each of judged) {
    const texts = each.find(parts);
    const doubt = doubtOf(each, texts.length, parts);
    if (doubt !== undefined) doubts.push(doubt);
    if (texts.length === 0) continue;
    const { value, isExact } = each.read(texts);
    args[each.argument] = value;
    holdsExact ||= isExact;
  }
  return { args, doubts, holdsExact };
}

function doubtOf(each: Judged, times: number, { headers, ending, behind, cut }: Parts): Doubt | undefined {
  const { place, name, isList } = each;
  const what = `the ${place === 'query' ? 'query parameter' : place} ${name}`;
  if (times > 1 && !isList) return { each, message: `has one value, and ${what} is given ${times} times: give it once` };
  if (place === 'query' && behind.has(name)) return { each, message: `is ${what}, which stands behind a ";": write an "&" there, or a ";" as %3B` };
  if (place === 'query' && cut.has(name)) return { each, message: undefined };
  const [lower, plain] = [name.toLowerCase(), plainName(name)];
  if (place !== 'header' || ending.has(plain)) return undefined;
  const other = Object.keys(headers).find((received) => received !== lower && plainName(received) === plain);
  return other === undefined ? undefined : { each, message: `is ${what}, which is spelt otherwise, as ${other}: write it as it is` };
}

function schemaOf({ tool: { input_schema: input }, bindings }: ApiOperation, judged: readonly Judged[]): Schema {
  const properties = (input['properties'] ?? {}) as Schema;
  const names = judged.map(({ argument }) => argument);
  const required = new Set(bindings.filter((binding) => binding.required).map(({ argument }) => argument));
  return {
    ...(input['$defs'] !== undefined && { $defs: input['$defs'] }),
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, properties[name]])),
    required: names.filter((name) => required.has(name)),
  };
}

/** Undefined for what can be written, or read, in several ways. */
function compileOne(operation: ApiOperation, binding: ArgumentBinding, schema: unknown): Judged | undefined {
  const { argument, in: place, content_type: contentType } = binding;
  if (place === 'body' || contentType !== undefined || !isRecord(schema)) return undefined;
  const find = finderOf(operation, binding, place);
  const scalar = readerOf(schema);
  const judged = { argument, place, name: binding.name };
  if (find !== undefined && scalar !== undefined) return { ...judged, isList: false, find, read: ([text = '']) => scalar(text) };
  const isList = schema['type'] === 'array' && place === 'query' && (binding.style ?? 'form') === 'form' && binding.explode !== false;
  const item = isList && isRecord(schema['items']) ? readerOf(schema['items']) : undefined;
  if (find === undefined || item === undefined) return undefined;
  return {
    ...judged,
    isList: true,
    find,
    read: (texts) => {
      const items = texts.map(item);
      return { value: items.map(({ value }) => value), isExact: items.some(({ isExact }) => isExact) };
    },
  };
}

const usualStyle: Record<Place, string> = { path: 'simple', query: 'form', header: 'simple', cookie: 'form' };

function finderOf({ path }: ApiOperation, { in: place, name, style }: ArgumentBinding, where: Place): Find | undefined {
  if ((style ?? usualStyle[where]) !== usualStyle[where]) return undefined;
  switch (place) {
    case 'path': {
      const at = path.split('/').indexOf(`{${name}}`);
      return at < 0 ? undefined : ({ segments }) => (segments[at] === undefined ? [] : [decodeURIComponent(segments[at])]);
    }
    case 'query':
      return ({ query }) => query.getAll(name);
    case 'header':
      return ({ headers, ending }) => (ending.has(plainName(name)) ? [] : [headers[name.toLowerCase()] ?? []].flat());
    default:
      return undefined;
  }
}

const number = /^-?(?:0|[1-9]\d{0,300})(?:\.\d{1,300})?(?:[eE][+-]?\d{1,3})?$/;

/** How a text is read that a schema of one type describes. What is none of that type stays text, and the schema then says so. */
function readerOf(schema: Schema): ((text: string) => { value: unknown; isExact: boolean }) | undefined {
  const types = [schema['type']].flat().filter((type) => type !== 'null');
  const [type] = types;
  if (types.length !== 1) return undefined;
  const asText = (text: string) => ({ value: text, isExact: false });
  if (type === 'string') return asText;
  if (type === 'boolean') return (text) => (text === 'true' || text === 'false' ? { value: text === 'true', isExact: false } : asText(text));
  if (type === 'integer' || type === 'number') return (text) => (number.test(text) ? parseExactJson(text) : asText(text));
  return undefined;
}

const noParameters = new URLSearchParams();

function partsOf({ pathAndQuery, headers }: ReceivedRequest): Parts {
  const queryAt = pathAndQuery.indexOf('?');
  const path = queryAt < 0 ? pathAndQuery : pathAndQuery.slice(0, queryAt);
  const query = queryAt < 0 ? '' : pathAndQuery.slice(queryAt + 1);
  const cut = query.includes(';') ? query.split('&').filter((pair) => pair.includes(';')) : [];
  return {
    segments: path.split('/'),
    query: query === '' ? noParameters : new URLSearchParams(query),
    behind: cut.length === 0 ? noParameters : new URLSearchParams(cut.flatMap((pair) => pair.split(';').slice(1)).join('&')),
    cut: cut.length === 0 ? noParameters : new URLSearchParams(cut.join('&')),
    headers,
    ending: namedIn([headers['connection'] ?? []].flat().join()),
  };
}
