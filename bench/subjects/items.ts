/** What the upstream of the benchmarks holds: a small answer of the kind most APIs give, about 300 bytes. */
export const itemCount = 16;

export const itemPath = (id: number): string => `/items/${id}?currency=EUR`;

export function itemOf(id: number) {
  return {
    id: String(id),
    name: `Item ${id}`,
    description: 'A thing that can be ordered, described in a sentence of middling length.',
    price_cents: 1999 + id,
    currency: 'EUR',
    in_stock: id % 3 !== 0,
    tags: ['bench', 'example'],
    updated_at: '2026-01-02T03:04:05Z',
    supplier: { id: `s-${id % 4}`, name: 'Example Supplies' },
  };
}

const text = { type: 'string' };

/** The OpenAPI document that describes the upstream to every product measured. */
export const itemsDocument = (url: string) => ({
  openapi: '3.0.3',
  info: { title: 'Items', version: '1.0.0' },
  servers: [{ url }],
  paths: {
    '/items/{item_id}': {
      get: {
        operationId: 'getItem',
        summary: 'Get an item',
        parameters: [
          { name: 'item_id', in: 'path', required: true, schema: { type: 'string', maxLength: 40 } },
          { name: 'currency', in: 'query', schema: { type: 'string', enum: ['EUR', 'CHF'] } },
        ],
        responses: {
          200: {
            description: 'The item.',
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  required: ['id', 'name', 'price_cents'],
                  properties: {
                    id: text,
                    name: text,
                    description: text,
                    price_cents: { type: 'integer' },
                    currency: text,
                    in_stock: { type: 'boolean' },
                    tags: { type: 'array', items: text },
                    updated_at: text,
                    supplier: { type: 'object', properties: { id: text, name: text } },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
});
