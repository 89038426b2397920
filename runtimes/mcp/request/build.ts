import type { ApiOperation, ArgumentBinding, ProblemError, UpstreamAuth } from '@stoa/generated/schemas.ts';
import { version } from '@stoa/lib/version.ts';
import type { BuildResult, HeaderChange } from '../model.ts';
import { compileBody } from './body.ts';
import { ArgumentFault } from './encode.ts';
import { compilePath, fault } from './path.ts';
import { compileParameter } from './styles.ts';
import type { Serialize } from './styles.ts';

type Written = { readonly argument: string; readonly required: boolean; readonly name: string; readonly serialize: Serialize };
type Body = Omit<Written, 'name'> & { readonly contentType: string };

export type UpstreamTarget = {
  /** The path of the upstream's URL, without a trailing slash. */
  readonly basePath: string;
  readonly auth: UpstreamAuth | undefined;
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
export function compileRequest(operation: ApiOperation, { basePath, auth, headers }: UpstreamTarget): CompiledRequest {
  const warnings: string[] = [];
  const bindings = usableBindings(operation.bindings, { auth, headers }, warnings);
  const inPlace = (place: ArgumentBinding['in']) => bindings.filter((binding) => binding.in === place).map(written);
  const path = compilePath(operation.path, new Map(inPlace('path').map((parameter) => [parameter.name, parameter])));
  const query = inPlace('query');
  const headerParameters = inPlace('header');
  const cookies = inPlace('cookie');
  const body = compileBodyBinding(bindings);
  const fixed = fixedHeaders(auth, headers);
  const sendsContentType = !headers.set.some(([name]) => name.toLowerCase() === 'content-type');

  const build = (args: Record<string, unknown>): BuildResult => {
    const errors: ProblemError[] = [];
    const target = basePath + path(args, errors);
    const search = writeAll(query, args, errors).join('&');
    const lines = fixed.slice();
    for (const parameter of headerParameters) {
      const text = writeOne(parameter, args, errors);
      if (text !== undefined) lines.push(parameter.name, text);
    }
    const cookie = writeAll(cookies, args, errors).join('; ');
    if (cookie !== '') lines.push('cookie', cookie);
    const content = body === undefined ? undefined : writeOne(body, args, errors);
    if (content !== undefined && body !== undefined && sendsContentType) lines.push('content-type', body.contentType);
    if (errors.length > 0) return { ok: false, errors };
    const bodyBytes = content === undefined ? 0 : Buffer.byteLength(content);
    return { ok: true, request: { path: search === '' ? target : `${target}?${search}`, headers: lines, body: content, bodyBytes } };
  };
  return { build, warnings };
}

function usableBindings(
  bindings: readonly ArgumentBinding[],
  { auth, headers }: Pick<UpstreamTarget, 'auth' | 'headers'>,
  warnings: string[],
): ArgumentBinding[] {
  const taken = new Set([...reservedHeaders, ...headers.remove, ...headers.set.map(([name]) => name.toLowerCase())]);
  if (auth !== undefined) taken.add(auth.header.toLowerCase());
  return bindings.filter((binding) => {
    if (binding.in !== 'header' || !taken.has(binding.name.toLowerCase())) return true;
    warnings.push(`argument ${binding.argument} is not sent: the gateway itself decides on the header ${binding.name}`);
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
  const { contentType, write } = compileBody(binding.content_type);
  return { argument: binding.argument, required: binding.required, serialize: write, contentType };
}

function fixedHeaders(auth: UpstreamAuth | undefined, { set, remove }: HeaderChange): string[] {
  const lines = new Map([
    ['user-agent', `stoa/${version}`],
    ['accept', 'application/json, text/*;q=0.9, */*;q=0.8'],
    ['accept-encoding', 'identity'],
  ]);
  for (const name of remove) lines.delete(name);
  for (const [name, value] of set) lines.set(name.toLowerCase(), value);
  if (auth !== undefined) lines.set(auth.header.toLowerCase(), auth.value);
  return [...lines].flat();
}

function writeAll(parameters: readonly Written[], args: Record<string, unknown>, errors: ProblemError[]): string[] {
  const texts: string[] = [];
  for (const parameter of parameters) {
    const text = writeOne(parameter, args, errors);
    if (text !== undefined && text !== '') texts.push(text);
  }
  return texts;
}

function writeOne(parameter: Omit<Written, 'name'>, args: Record<string, unknown>, errors: ProblemError[]): string | undefined {
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
