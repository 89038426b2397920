import type { ApiOperation, ArgumentBinding } from '@stoa/generated/schemas.ts';
import { describe, expect, it } from 'vitest';
import { createOrder, getOrder } from '../../testing/fixtures.ts';
import { compileRequest } from './build.ts';

const context = { basePath: '/v1', credentials: [], headers: { set: [], remove: new Set<string>() } };
type Style = NonNullable<ArgumentBinding['style']>;

function build(operation: ApiOperation, args: Record<string, unknown>, given: Partial<Parameters<typeof compileRequest>[1]> = {}) {
  const built = compileRequest(operation, { ...context, ...given }).build(args);
  if (!built.ok) throw new Error(JSON.stringify(built.errors));
  return built.request;
}

function errors(operation: ApiOperation, args: Record<string, unknown>) {
  const built = compileRequest(operation, context).build(args);
  return built.ok ? [] : built.errors;
}

function headerOf(lines: readonly string[], name: string): string | undefined {
  const at = lines.findIndex((line, index) => index % 2 === 0 && line === name);
  return at < 0 ? undefined : lines[at + 1];
}

const inPlace = (place: ArgumentBinding['in'], style: Style, explode: boolean, more: Partial<ArgumentBinding> = {}): ApiOperation =>
  getOrder({
    path: place === 'path' ? '/{color}' : '/',
    bindings: [{ argument: 'color', in: place, name: 'color', required: false, style, explode, ...more }],
  });

// OpenAPI 3.1, "Style Examples".
const array = ['blue', 'black', 'brown'];
const object = { R: 100, G: 200, B: 150 };
const examples: [place: ArgumentBinding['in'], style: Style, explode: boolean, string: string, array: string, object: string][] = [
  ['path', 'matrix', false, ';color=blue', ';color=blue,black,brown', ';color=R,100,G,200,B,150'],
  ['path', 'matrix', true, ';color=blue', ';color=blue;color=black;color=brown', ';R=100;G=200;B=150'],
  ['path', 'label', false, '.blue', '.blue,black,brown', '.R,100,G,200,B,150'],
  ['path', 'label', true, '.blue', '.blue.black.brown', '.R=100.G=200.B=150'],
  ['path', 'simple', false, 'blue', 'blue,black,brown', 'R,100,G,200,B,150'],
  ['path', 'simple', true, 'blue', 'blue,black,brown', 'R=100,G=200,B=150'],
  ['query', 'form', false, 'color=blue', 'color=blue,black,brown', 'color=R,100,G,200,B,150'],
  ['query', 'form', true, 'color=blue', 'color=blue&color=black&color=brown', 'R=100&G=200&B=150'],
  ['query', 'spaceDelimited', false, 'color=blue', 'color=blue%20black%20brown', 'color=R%20100%20G%20200%20B%20150'],
  ['query', 'pipeDelimited', false, 'color=blue', 'color=blue%7Cblack%7Cbrown', 'color=R%7C100%7CG%7C200%7CB%7C150'],
  [
    'query',
    'deepObject',
    true,
    'color=blue',
    'color%5B%5D=blue&color%5B%5D=black&color%5B%5D=brown',
    'color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150',
  ],
];

describe('styles', () => {
  it.each(examples)('writes %s parameters in style %s, explode %s', (place, style, explode, ...expected) => {
    const operation = inPlace(place, style, explode);
    const prefix = place === 'path' ? '/v1/' : '/v1/?';
    const written = ['blue', array, object].map((color) => build(operation, { color }).path);
    expect(written).toEqual(expected.map((text) => prefix + text));
  });

  it('writes headers and cookies', () => {
    expect(headerOf(build(inPlace('header', 'simple', false), { color: array }).headers, 'color')).toBe('blue,black,brown');
    expect(headerOf(build(inPlace('header', 'simple', true), { color: object }).headers, 'color')).toBe('R=100,G=200,B=150');
    expect(headerOf(build(inPlace('cookie', 'form', true), { color: 'a;b' }).headers, 'cookie')).toBe('color=a%3Bb');
  });

  it('leaves out what is absent, null or an empty list', () => {
    for (const args of [{}, { color: null }, { color: [] }]) expect(build(inPlace('query', 'form', true), args).path).toBe('/v1/');
  });

  it('writes a parameter that is described by content as JSON', () => {
    expect(build(inPlace('query', 'form', true, { content_type: 'application/json' }), { color: object }).path).toBe(
      '/v1/?color=%7B%22R%22%3A100%2C%22G%22%3A200%2C%22B%22%3A150%7D',
    );
  });

  it('no value leaves its query parameter, not even with allow_reserved', () => {
    expect(build(inPlace('query', 'form', true), { color: 'a&b=c#d+e f' }).path).toBe('/v1/?color=a%26b%3Dc%23d%2Be%20f');
    expect(build(inPlace('query', 'form', true, { allow_reserved: true }), { color: 'https://x/?a&b#c+d[e]' }).path).toBe(
      '/v1/?color=https://x/?a%26b%23c%2Bd%5Be%5D',
    );
  });
});

describe('lesson 27: a path argument cannot leave its segment', () => {
  it.each([
    ['a/b', 'a%2Fb'],
    ['a?b#c', 'a%3Fb%23c'],
    ['%2f', '%252f'],
    ['x..y', 'x..y'],
    ['...', '...'],
    ['é ü', '%C3%A9%20%C3%BC'],
    ['a\\b', 'a%5Cb'],
  ])('%j is written as %s', (given, expected) => {
    expect(build(getOrder(), { order_id: given }).path).toBe(`/v1/orders/${expected}`);
  });

  it.each(['.', '..', '../admin', '..%2fadmin', '%2e%2e', '%252e%252e%252fadmin', 'a/../b', '..\\admin', 'x/..', 'nul\0'])(
    '%j is refused',
    (given) => {
      expect(errors(getOrder(), { order_id: given })).toEqual([{ pointer: '/order_id', message: 'must not make a path segment "." or ".."' }]);
    },
  );

  it.each([
    ['', 'must not be empty: it is part of the path'],
    ['\ud800', 'must be well-formed Unicode'],
  ])('%j is refused', (given, message) => {
    expect(errors(getOrder(), { order_id: given })).toEqual([{ pointer: '/order_id', message }]);
  });

  it('two arguments cannot make one together', () => {
    const binding = (name: string): ArgumentBinding => ({ argument: name, in: 'path', name, required: true });
    const operation = getOrder({ path: '/files/{a}{b}', bindings: [binding('a'), binding('b')] });
    expect(errors(operation, { a: '.', b: '.' })).toHaveLength(1);
    expect(errors(operation, { a: 'x/.', b: './y' })).toHaveLength(1);
  });

  it('inherited members are no arguments', () => {
    const operation = getOrder({ path: '/{constructor}', bindings: [{ argument: 'constructor', in: 'path', name: 'constructor', required: true }] });
    expect(errors(operation, {})).toHaveLength(1);
  });
});

describe('headers', () => {
  const withHeader = (name: string): ApiOperation => getOrder({ path: '/', bindings: [{ argument: 'value', in: 'header', name, required: false }] });

  it('refuses a value that would end the header', () => {
    expect(errors(withHeader('X-A'), { value: 'a\r\nX-B: c' })).toEqual([
      { pointer: '/value', message: 'must be text that a header can carry: Latin-1, no line breaks' },
    ]);
  });

  it.each(['Authorization', 'Host', 'Content-Length', 'Accept', 'Cookie'])(
    'lesson 27: an argument cannot set %s, and the acknowledgement says so',
    (name) => {
      const { build: make, warnings } = compileRequest(withHeader(name), context);
      expect(JSON.stringify(make({ value: 'smuggled' }))).not.toContain('smuggled');
      expect(warnings).toEqual([`argument value is not sent: the gateway itself decides on the header ${name}`]);
    },
  );

  it("the upstream's credential wins over policies and arguments", () => {
    const given = {
      credentials: [{ in: 'header', name: 'X-Key', value: 'ours' } as const],
      headers: { set: [['x-key', 'policy'] as const], remove: new Set(['x-key']) },
    };
    for (const name of ['X-KEY', 'X_Key', 'x.key']) {
      const { headers } = build(withHeader(name), { value: 'argument' }, given);
      expect(headerOf(headers, 'x-key')).toBe('ours');
      expect(headers.join()).not.toMatch(/policy|argument/);
    }
  });
});

describe('bodies', () => {
  const withType = (contentType: string): ApiOperation =>
    createOrder({ bindings: [{ argument: 'body', in: 'body', name: '', required: false, content_type: contentType }] });

  it('writes JSON, forms and text', () => {
    expect(build(withType('application/merge-patch+json'), { body: { a: null } })).toMatchObject({ body: '{"a":null}', bodyBytes: 10 });
    expect(build(withType('application/x-www-form-urlencoded'), { body: { a: 'b&c', d: [1, 2], e: { f: 1 } } }).body).toBe(
      'a=b%26c&d=1&d=2&e=%7B%22f%22%3A1%7D',
    );
    expect(build(withType('text/plain'), { body: 'héllo' })).toMatchObject({ body: 'héllo', bodyBytes: 6 });
  });

  it('sends neither body nor type when the argument is absent', () => {
    const request = build(withType('application/json'), {});
    expect(request).toMatchObject({ body: undefined, bodyBytes: 0 });
    expect(headerOf(request.headers, 'content-type')).toBeUndefined();
  });

  it('says at compile time which type it cannot write', () => {
    expect(() => compileRequest(withType('image/*'), context)).toThrow('a request body of type image/* cannot be made');
  });
});
