import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { ApiOperation } from '@stoa/generated/schemas.ts';
import { listen } from '@stoa/lib/listen.ts';
import { operation } from './fixture.ts';

/** An answer of an upstream, and what every client library has to read out of the gateway's. */
export type AnswerCase = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly body: string | Buffer;
  /** The output schema of the tool; none: the tool lists none. */
  readonly output?: object;
  /** JSON text of the structure; none: the client must see none. */
  readonly structure?: string;
  readonly isError?: boolean;
  /** Types of the content blocks. */
  readonly content?: readonly string[];
  /** What the text holds; default: the body. */
  readonly text?: string;
};

const any = { type: 'object' };
const having = (schema: object) => ({ type: 'object', properties: { a: schema } });
const listing = (schema: object) => ({ type: 'object', properties: { result: schema } });
const nested = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const succeeded = 'The call succeeded, its answer does not fit at';

/** By the name of the tool. */
export const answers: Readonly<Record<string, AnswerCase>> = {
  object: { body: '{"a":"x"}', output: having({ type: 'string' }), structure: '{"a":"x"}' },
  objectWithoutSchema: { body: '{"a":"x"}' },
  missingAndUnknownMembers: { body: '{"b":1}', output: having({ type: 'string' }), structure: '{"b":1}' },
  list: { body: '[{"a":1},2]', output: listing({ type: 'array' }), structure: '{"result":[{"a":1},2]}' },
  text: { body: '"x"', output: listing({ type: 'string' }), structure: '{"result":"x"}' },
  number: { body: '12.50', output: listing({ type: 'number' }), structure: '{"result":12.5}' },
  nothing: { body: 'null', output: listing({ type: ['string', 'null'] }), structure: '{"result":null}' },
  bigNumber: { body: '{"a":9007199254740993}', output: having({ type: 'integer' }), structure: '{"a":9007199254740993}' },
  bigNumbersInList: { body: '[9007199254740993]', output: listing({ type: 'array' }), structure: '{"result":[9007199254740993]}' },
  longDecimal: { body: '{"a":0.1234567890123456789}', output: having({ type: 'number' }), structure: '{"a":0.1234567890123456789}' },
  smallestNumber: { body: '{"a":1e-400}', output: having({ type: 'number' }), structure: '{"a":0}' },
  negativeZero: { body: '{"a":-0}', output: having({ type: 'number' }), structure: '{"a":-0}' },
  loneSurrogate: { body: '{"a":"\\ud800","\\udc00":"x"}', output: any, structure: '{"a":"\ufffd","\ufffd":"x"}' },
  surrogatePair: { body: '{"a":"\\ud83d\\ude00"}', output: any, structure: '{"a":"😀"}' },
  control: { body: '{"a":"\\u0000\\u2028\u2028\\/"}', output: any, structure: '{"a":"\\u0000\u2028\u2028/"}' },
  brokenUtf8: { body: Buffer.from('{"a":"\xff"}', 'latin1'), output: any, structure: '{"a":"\ufffd"}', text: '{"a":"\ufffd"}' },
  byteOrderMark: { body: '\uFEFF{"a":1}', output: any, structure: '{"a":1}', text: '{"a":1}' },
  lines: { body: '{\r\n  "a": [\n\t1\n  ]\n}\n', output: any, structure: '{"a":[1]}' },
  inheritedNames: { body: '{"constructor":1,"toString":{"a":1}}', output: any, structure: '{"constructor":1,"toString":{"a":1}}' },
  memberTwice: { body: '{"a":1,"a":2}', output: any, structure: '{"a":2}' },
  deep: { body: nested(190), output: any, structure: nested(190) },
  tooDeep: { body: nested(5000), output: any, isError: true, text: `${succeeded} its root: nests deeper` },
  wrongType: { body: '{"a":null}', output: having({ type: 'string' }), isError: true, text: `${succeeded} /a: must be a string.\n\n{"a":null}` },
  wrongItem: {
    body: '[1,"x"]',
    output: listing({ type: 'array', items: { type: 'number' } }),
    isError: true,
    text: `${succeeded} /result/1: must be a number.`,
  },
  infinite: { body: '{"a":1e400}', output: having({ type: 'number' }), isError: true, text: `${succeeded} its root: holds the number 1e400` },
  endless: { body: `{"a":${'9'.repeat(5000)}}`, output: any, isError: true, text: `${succeeded} its root: holds the number 99999` },
  infiniteWithoutSchema: { body: '{"a":1e400}' },
  notJson: { type: 'text/html', body: '<p>hello</p>', output: any, isError: true, text: `${succeeded} its root: must be JSON` },
  brokenJson: { body: '{"a":', output: any, isError: true, text: `${succeeded} its root: is not valid JSON.\n\n{"a":` },
  empty: { status: 204, body: '', output: any, isError: true, text: '204 No Content' },
  emptyWithoutSchema: { status: 204, body: '' },
  image: { type: 'image/png', body: png, content: ['image'] },
  imageForStructure: { type: 'image/png', body: png, output: any, isError: true, content: ['text', 'image'], text: succeeded },
  audio: { type: 'audio/mpeg', body: Buffer.from([0xff, 0xfb, 0x90]), content: ['audio'] },
  file: { type: 'application/pdf', body: Buffer.from('%PDF-1.7\n\xff', 'latin1'), content: ['resource'] },
  untyped: { type: '', body: Buffer.from([0, 0xff]), content: ['resource'] },
  failed: {
    status: 500,
    body: '{"a":1}',
    output: having({ type: 'string' }),
    isError: true,
    text: 'The API answered 500 Internal Server Error.\n\n{"a":1}',
  },
  moved: {
    status: 307,
    headers: { location: 'https://elsewhere.example/new?a=1' },
    body: '',
    output: any,
    isError: true,
    text: 'The API answered 307 Temporary Redirect. Its Location is https://elsewhere.example/new?a=1;',
  },
};

/** An operation for each answer. */
export const answerOperations: readonly ApiOperation[] = Object.entries(answers).map(([name, { output }]) =>
  operation(name, 'GET', `/${name}`, output === undefined ? {} : { output }),
);

/** The upstream that answers so. */
export async function startAnswering(): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const { status = 200, headers = {}, type = 'application/json', body } = answers[(request.url ?? '').slice(1)] ?? { status: 404, body: '' };
    response.writeHead(status, { ...headers, ...(type !== '' && { 'content-type': type }) }).end(body);
  });
  return { url: await listen(server, { host: '127.0.0.1', port: 0 }), server };
}

export type ReadAnswer = { readonly isError: boolean; readonly content: readonly string[]; readonly text: string; readonly structure: unknown };

/** What a client has to have read, numbers as JavaScript holds them. */
export function expectedOf(name: string): ReadAnswer {
  const { body, isError = false, content = ['text'], text = String(body), structure } = answers[name] ?? { body: '' };
  return {
    isError,
    content,
    text: content.includes('text') ? text : '',
    structure: structure === undefined ? undefined : (JSON.parse(structure) as unknown),
  };
}
