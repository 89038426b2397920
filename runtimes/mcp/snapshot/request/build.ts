import type { ApiOperation, ArgumentBinding, ProblemError } from '@stoa/generated/schemas.ts';
import { version } from '@stoa/lib/version.ts';
import type { BuildResult, HeaderChange, PlacedCredential } from '../../model.ts';
import { compileBody } from './body.ts';
import type { Content, WriteBody } from './body.ts';
import { credentialsFor, placeOf, provenHeaders, sentIn } from './credentials.ts';
import { ArgumentFault, encodeStrict } from './encode.ts';
import { isSpokenForUs, plainName } from './received-headers.ts';
import { compilePath, fault } from './path.ts';
import { compileParameter } from './styles.ts';
import type { Serialize } from './styles.ts';

type Written = { readonly argument: string; readonly required: boolean; readonly name: string; readonly serialize: Serialize };
type Body = { readonly argument: string; readonly required: boolean; readonly serialize: WriteBody };

export type UpstreamTarget = {
  /** The path of the upstream's URL, without a trailing slash. */
  readonly basePath: string;
  /** All of the API; an operation gets those that it demands. */
  readonly credentials: readonly PlacedCredential[];
  readonly headers: HeaderChange;
};

export type CompiledRequest = {
  build(args: Record<string, unknown>): BuildResult;
  /** What of the operation cannot be expressed, in sentences. */
  readonly warnings: readonly string[];
};

/** What the gateway itself writes. OpenAPI has `Accept`, `Content-Type` and `Authorization` parameters ignored; the others frame the message. */
const reservedHeaders = new Set([
  'accept',
  'accept-encoding',
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'cookie',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]);

/**
 * Compiles the bindings of an operation into one function, so that a call only writes values. The caller's credential has no way
 * into the request: headers come from bindings, policies and the upstream's own authentication (lesson 27).
 * Throws an Error with the reason when the operation cannot be called.
 */
export function compileRequest(operation: ApiOperation, { basePath, credentials: all, headers }: UpstreamTarget): CompiledRequest {
  const warnings: string[] = [];
  const credentials = credentialsFor(all, operation.security);
  const bindings = usableBindings(operation.bindings, { credentials, headers }, warnings);
  const inPlace = (place: ArgumentBinding['in']) => bindings.filter((binding) => binding.in === place).map(written);
  const path = compilePath(operation.path, new Map(inPlace('path').map((parameter) => [parameter.name, parameter])));
  const query = inPlace('query');
  const headerParameters = inPlace('header');
  const cookies = inPlace('cookie');
  const body = compileBodyBinding(bindings);
  const fixed = fixedParts(operation, credentials, headers);
  const sendsContentType = !headers.set.some(([name]) => name.toLowerCase() === 'content-type');

  const build = (args: Record<string, unknown>): BuildResult => {
    const errors: ProblemError[] = [];
    const target = basePath + path(args, errors);
    const search = [...fixed.query, ...writeAll(query, args, errors), ...fixed.queryCredentials].join('&');
    const lines = fixed.headers.slice();
    for (const parameter of headerParameters) {
      const text = writeOne(parameter, args, errors);
      if (text !== undefined) lines.push(parameter.name, text);
    }
    const cookie = [...writeAll(cookies, args, errors), ...fixed.cookies].join('; ');
    if (cookie !== '') lines.push('cookie', cookie);
    const content: Content | undefined = body === undefined ? undefined : writeOne(body, args, errors);
    if (content !== undefined && sendsContentType) lines.push('content-type', content.contentType);
    if (errors.length > 0) return { ok: false, errors };
    const bodyBytes = content === undefined ? 0 : Buffer.byteLength(content.content);
    return { ok: true, request: { path: search === '' ? target : `${target}?${search}`, headers: lines, body: content?.content, bodyBytes } };
  };
  return { build, warnings };
}

/** Those that the gateway does not decide on itself. */
export function usableBindings(
  bindings: readonly ArgumentBinding[],
  { credentials, headers }: Pick<UpstreamTarget, 'credentials' | 'headers'>,
  warnings: string[] = [],
): ArgumentBinding[] {
  const plainPlaceOf = (place: { in: string; name: string }): string =>
    placeOf(place.in === 'header' ? { in: 'header', name: plainName(place.name) } : place);
  const filled = new Set(credentials.map(plainPlaceOf));
  const decided = new Set([...headers.remove, ...headers.set.map(([name]) => name)].map(plainName));
  return bindings.filter((binding) => {
    const header = binding.in === 'header' ? plainName(binding.name) : undefined;
    const isOurs = header !== undefined && (reservedHeaders.has(header) || isSpokenForUs(binding.name.toLowerCase()) || decided.has(header));
    if (!isOurs && !filled.has(plainPlaceOf(binding))) return true;
    const what = binding.in === 'query' ? 'query parameter' : binding.in;
    warnings.push(`argument ${binding.argument} is not sent: the gateway itself decides on the ${what} ${binding.name}`);
    return false;
  });
}

function written(binding: ArgumentBinding): Written {
  const { argument, required, name } = binding;
  try {
    return { argument, required, name, serialize: compileParameter(binding) };
  } catch (error) {
    throw new Error(`argument ${argument}: ${(error as Error).message}`, { cause: error });
  }
}

function compileBodyBinding(bindings: readonly ArgumentBinding[]): Body | undefined {
  const found = bindings.filter((binding) => binding.in === 'body');
  if (found.length > 1) throw new Error('more than one argument is bound to the body');
  const [binding] = found;
  if (binding === undefined) return undefined;
  return { argument: binding.argument, required: binding.required, serialize: compileBody(binding) };
}

/** What every request of the operation carries, whatever its arguments. */
function fixedParts({ query = '', accept }: ApiOperation, credentials: readonly PlacedCredential[], { set, remove }: HeaderChange) {
  const headers = new Map([
    ['user-agent', `stoa/${version}`],
    ['accept', accept ?? 'application/json, text/*;q=0.9, */*;q=0.8'],
    ['accept-encoding', 'identity'],
  ]);
  for (const name of remove) headers.delete(name);
  for (const [name, value] of set) headers.set(name.toLowerCase(), value);
  for (const { name, value } of sentIn(credentials, 'header')) headers.set(name.toLowerCase(), value);
  for (const name of provenHeaders(credentials)) headers.delete(name);
  return {
    query: query === '' ? [] : [query],
    queryCredentials: sentIn(credentials, 'query').map(({ name, value }) => `${encodeStrict(name)}=${encodeStrict(value)}`),
    cookies: sentIn(credentials, 'cookie').map(({ name, value }) => `${name}=${value}`),
    headers: [...headers].flat(),
  };
}

function writeAll(parameters: readonly Written[], args: Record<string, unknown>, errors: ProblemError[]): string[] {
  const texts: string[] = [];
  for (const parameter of parameters) {
    const text = writeOne(parameter, args, errors);
    if (text !== undefined && text !== '') texts.push(text);
  }
  return texts;
}

function writeOne<Text>(
  parameter: { readonly argument: string; readonly required: boolean; readonly serialize: (value: unknown) => Text },
  args: Record<string, unknown>,
  errors: ProblemError[],
): Text | undefined {
  const value = Object.hasOwn(args, parameter.argument) ? args[parameter.argument] : undefined;
  // A body may be null; a parameter that is null has no form in OpenAPI's styles and counts as absent.
  if (value === undefined || (value === null && 'name' in parameter)) {
    if (parameter.required) errors.push(fault(parameter.argument, 'is required'));
    return undefined;
  }
  try {
    return parameter.serialize(value);
  } catch (error) {
    if (!(error instanceof ArgumentFault)) throw error;
    errors.push(fault(parameter.argument, error.message));
    return undefined;
  }
}
