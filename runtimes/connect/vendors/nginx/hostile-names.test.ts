import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRenderer } from '../../engine/render.ts';
import { api, config, consumer, gatewayId, operation, policy } from '../../testing/config.ts';
import { nginxCapabilities } from './capabilities.ts';
import { render } from './document.ts';
import { nginxTransform } from './transform.ts';

/** What can mean something to nginx, and what people write. */
const piece = fc.constantFrom(
  ';',
  '{',
  '}',
  '"',
  "'",
  '\\',
  '$',
  '#',
  '\n',
  '\r',
  '\t',
  '\0',
  ' ',
  '~',
  '%',
  '/',
  '(',
  ')',
  '?<x>',
  '\\z',
  'é',
  '𝄞',
  'include',
  'lua',
  'a',
  '1',
  '${x}',
  '*/',
);
const hostile = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
const frame = { gatewayId, listen: '127.0.0.1:80', serverInclude: '/etc/my site/"x".conf', caFile: undefined, generationAt: '127.0.0.1:81' };

/** Each directive, at any depth, by its name; as nginx reads a file. */
function directives(text: string): string[] {
  const names: string[] = [];
  let words: string[] = [];
  for (const [, comment, quotedWord, end, plain] of text.matchAll(/(#[^\n]*)|"((?:[^"\\]|\\[\s\S])*)"|([;{}])|([^\s;{}"]+)|\s+/g)) {
    if (comment !== undefined) continue;
    if (end === undefined) {
      if (quotedWord !== undefined || plain !== undefined) words.push(quotedWord ?? plain ?? '');
      continue;
    }
    if (words[0] !== undefined) names.push(words[0]);
    words = [];
  }
  return names;
}

const known =
  /^(map|upstream|server|location|if|set|rewrite|return|listen|include|internal|keepalive|add_header|deny|allow|limit_req(_zone|_status)?|client_max_body_size|secure_link(_md5)?|proxy_(pass|redirect|http_version|set_header|hide_header)|access_log|default_type|default|~\^.*|[a-z0-9][a-z0-9_-]{15}|)$/s;

it('whatever names and values hold, a file of ours has the directives that we wrote and no others', () => {
  const expressed = { objects: 0 };
  fc.assert(
    fc.property(
      fc.record({
        name: hostile,
        path: hostile,
        id: hostile,
        value: hostile,
        header: hostile,
        origin: hostile,
        range: hostile,
        host: hostile,
        secret: hostile,
      }),
      (given) => {
        const item = {
          ...api(`api${given.name}`, { operations: [operation(`GET /x${given.path}`, `op${given.id}`), operation('GET /{y}', 'other')] }),
          upstream: { url: `http://host${given.host}.example` },
        };
        const items = [
          item,
          policy('keys', { kind: 'api_key_auth', config: { header: 'X-API-Key' } }, item),
          policy(
            'headers',
            { kind: 'headers', config: { request: { set: { [`X${given.header}`]: given.value, 'X-Value': `v${given.value}` } } } },
            item,
          ),
          policy('cors', { kind: 'cors', config: { allow_origins: [`https://${given.origin}`] } }, item),
          policy(`size${given.name}`, { kind: 'request_size_limit', config: { max_bytes: 1 } }, item),
          consumer(`who${given.name}`, `${given.secret}`.padEnd(40, 'k')),
        ];
        // Each policy alone, so that one that cannot be expressed does not hide the others.
        for (const only of [undefined, ...items.slice(1, 5)]) {
          const some = only === undefined ? items.filter((one) => one.kind !== 'policy') : [item, only, items[5] as (typeof items)[number]];
          const { objects } = createRenderer({ capabilities: nginxCapabilities, transform: nginxTransform(false) })(config([...some]), 0, new Map());
          const text = render(objects, frame);
          expressed.objects += text === undefined ? 0 : objects.length;
          expect(directives(text ?? '').filter((name) => !known.test(name))).toEqual([]);
        }
      },
    ),
    { numRuns: 200 },
  );
  expect(expressed.objects).toBeGreaterThan(100);
});

it('a dollar, a line break or another control character is nowhere, but in what we wrote', () => {
  const item = api('orders');
  const set = (value: string) => policy('headers', { kind: 'headers', config: { request: { set: { 'X-Value': value } } } }, item);
  const rendered = (value: string) =>
    createRenderer({ capabilities: nginxCapabilities, transform: nginxTransform(false) })(config([{ ...item }, set(value)]), 0, new Map());
  for (const value of ['$request_uri', 'a\nb', 'a\0b', 'a\u007fb']) {
    const { rejections } = rendered(value);
    expect(rejections.map(({ reason }) => reason)).toContainEqual(
      expect.stringContaining('sets the header X-Value to a value that no file of nginx can hold'),
    );
  }
  expect(render(rendered('a "b" \\ ; }').objects, frame)).toContain('proxy_set_header "X-Value" "a \\"b\\" \\\\ ; }";');
});
