/** What the fixture servers of both eras offer and do, so that what differs is the protocol alone. */

export const icons = [{ src: 'https://example.com/icon.png', mimeType: 'image/png', sizes: ['48x48'] }];
const object = { type: 'object' as const };

export const tools = [
  {
    name: 'odd',
    title: 'Odd',
    description: 'Has every member that there is.',
    icons,
    inputSchema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object' as const,
      $defs: { point: { $anchor: 'point', type: 'object', properties: { x: { type: 'number', default: 0.1 } } } },
      properties: { at: { $ref: '#/$defs/point' }, near: { $ref: '#point' } },
    },
    outputSchema: { type: 'object' as const, properties: { a: { type: 'array', items: {} } }, additionalProperties: true },
    annotations: { title: 'Odd one', readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    execution: { taskSupport: 'forbidden' as const },
    _meta: { 'example.com/ui': { resourceUri: 'ui://odd' }, n: 12345.678 },
  },
  { name: 'echo', description: 'Answers what it was sent.', inputSchema: object },
  { name: 'fail', description: 'Fails by an error of the protocol.', inputSchema: object },
  { name: 'count', description: 'Tells of progress.', inputSchema: object },
  { name: 'log', description: 'Tells what it does.', inputSchema: object },
  { name: 'hang', description: 'Answers when it is cancelled.', inputSchema: object },
  { name: 'big', description: 'Answers with three megabytes.', inputSchema: object },
  { name: 'ask', description: 'Asks the client first.', inputSchema: object },
  {
    name: 'where',
    description: 'Mirrors an argument in a header.',
    inputSchema: { ...object, properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } },
  },
];

export const resources = [
  {
    uri: 'file:///notes.txt',
    name: 'notes',
    title: 'Notes',
    description: 'All of them.',
    mimeType: 'text/plain',
    icons,
    size: 5,
    annotations: { audience: ['user' as const], priority: 0.5 },
  },
];
export const resourceTemplates = [{ uriTemplate: 'notes://{year}/{month}', name: 'by-month', title: 'By month', mimeType: 'text/plain' }];
export const prompts = [{ name: 'greet', title: 'Greet', description: 'Greets.', icons, arguments: [{ name: 'who', title: 'Who', required: true }] }];
export const instructions = 'Call odd first.\nThen "echo".';
export const bigText = 'ä'.repeat(1_500_000);

/** What a server can do in the course of a call. */
export type Meanwhile = {
  readonly meta: unknown;
  readonly signal: AbortSignal;
  progress(progress: number, total: number): Promise<void>;
  log(data: unknown): Promise<void>;
  /** Asks the client, and answers with its result. */
  ask(asked: Asked): Promise<unknown>;
  /** Fails by an error of the protocol. */
  fail(code: number, message: string, data: unknown): never;
};

/** What a server asks its client; `alone`: beside the streams of requests. */
export type Asked = { readonly method: string; readonly params: Record<string, unknown>; readonly alone?: boolean };

export type Seen = {
  /** Resolves when a call of `hang` has begun. */
  readonly hanging: Promise<void>;
  /** Resolves when it was told to stop. */
  readonly stopped: Promise<void>;
  /** Resolves when it was told that its client has other roots. */
  readonly rootsChanged: Promise<void>;
  readonly sessions: Set<string>;
  /** Headers of the last request. */
  headers: Record<string, unknown>;
};

export type Watched = Seen & { begun(): void; stop(): void; rootsChange(): void };

export function watch(): Watched {
  const [hanging, stopped, roots] = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  return {
    hanging: hanging.promise,
    stopped: stopped.promise,
    begun: hanging.resolve,
    stop: stopped.resolve,
    rootsChanged: roots.promise,
    rootsChange: roots.resolve,
    sessions: new Set(),
    headers: {},
  };
}

export async function call(name: string, args: Record<string, unknown>, meanwhile: Meanwhile, watched: Watched): Promise<Record<string, unknown>> {
  const text = (value: string): { type: 'text'; text: string }[] => [{ type: 'text', text: value }];
  switch (name) {
    case 'odd':
      return {
        content: [
          { type: 'text', text: 'a', annotations: { audience: ['assistant'], priority: 0.25 }, _meta: { deep: [1.5] } },
          { type: 'resource_link', uri: 'file:///notes.txt', name: 'notes', icons, size: 3 },
          { type: 'image', data: 'AAAA', mimeType: 'image/png' },
          { type: 'resource', resource: { uri: 'x://1', text: 't', _meta: { k: 'v' } } },
        ],
        structuredContent: { a: [null, { b: 0.30000000000000004 }], '': '' },
        _meta: { 'example.com/took': { ms: 3 } },
      };
    case 'echo':
      return { content: text(JSON.stringify({ args, meta: meanwhile.meta })) };
    case 'fail':
      return meanwhile.fail(Number(args['code'] ?? -32050), 'It failed so.', { why: ['because', { n: 1 }] });
    case 'count':
      for (const step of [1, 2, 3]) await meanwhile.progress(step, 3);
      return { content: text('counted') };
    case 'log':
      await meanwhile.log({ doing: 'this' });
      return { content: text('logged') };
    case 'hang':
      watched.begun();
      await new Promise<void>((resolve) => meanwhile.signal.addEventListener('abort', () => resolve(), { once: true }));
      watched.stop();
      return { content: text('stopped') };
    case 'ask':
      return { content: text(JSON.stringify(await meanwhile.ask(args as Asked))) };
    case 'big':
      return { content: text(bigText) };
    case 'where':
      return { content: text(String(args['region'])) };
    default:
      return meanwhile.fail(-32602, `Unknown tool: ${name}`, undefined);
  }
}

export const completionOf = (value: string) => ({ completion: { values: [`${value}a`, `${value}b`], total: 2, hasMore: false } });
export const promptOf = (who: string) => ({
  description: 'A greeting.',
  messages: [{ role: 'user' as const, content: { type: 'text' as const, text: `Hello, ${who}` } }],
});
export const contentsOf = (uri: string) => ({ contents: [{ uri, mimeType: 'text/plain', text: `text of ${uri}`, _meta: { v: 1 } }] });
