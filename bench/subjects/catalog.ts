import { itemPath } from './items.ts';

const words =
  'amount balance branch contract currency customer delivery discount invoice ledger margin number order payment period price quantity region score status'.split(
    ' ',
  );
const word = (at: number): string => words[at % words.length] as string;

/**
 * An OpenAPI document of a middling API: each operation has a path, a query, a body of a few fields and a described answer, and makes a tool of
 * about 1.2 kB. `edition` changes one description, as an edit does.
 */
export function catalogDocument(name: string, { tools, url, edition = 1 }: { tools: number; url: string; edition?: number }) {
  return {
    openapi: '3.0.3',
    info: { title: `The ${name} of a bank`, version: '1.0.0' },
    servers: [{ url }],
    paths: Object.fromEntries(Array.from({ length: tools }, (_, at) => [`/${name}/${word(at)}-${at}/{id}`, { post: operation(name, at, edition) }])),
  };
}

function operation(name: string, at: number, edition: number) {
  const field = (offset: number, more: object = {}): [string, object] => [
    `${word(at + offset)}_${offset}`,
    { type: 'string', maxLength: 80, description: `The ${word(at + offset)}.`, ...more },
  ];
  return {
    operationId: `${name}_${word(at)}_${at}`,
    summary: `Change a ${word(at)}`,
    description: `Changes the ${word(at)} of a ${word(at + 1)} and answers what it has become, in edition ${at === 0 ? edition : 1} of the rules.`,
    parameters: [
      { name: 'id', in: 'path', required: true, schema: { type: 'string', maxLength: 40 } },
      { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 100 } },
    ],
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            required: [field(1)[0]],
            properties: Object.fromEntries([field(1), field(3, { enum: ['open', 'held', 'closed'] })]),
          },
        },
      },
    },
    responses: {
      200: {
        description: 'What it has become.',
        content: { 'application/json': { schema: { type: 'object', properties: Object.fromEntries([field(1)]) } } },
      },
    },
  };
}

/** An API of one tool that the upstream of the benchmarks answers. */
export function oneItemDocument(url: string, name: string) {
  return {
    openapi: '3.0.3',
    info: { title: name, version: '1.0.0' },
    servers: [{ url }],
    paths: { [itemPath(0).split('?')[0] as string]: { get: { operationId: name, responses: { 200: { description: 'The item.' } } } } },
  };
}
