/** The parts of a bundled OpenAPI document that the generator reads. */
export type OpenApiDocument = {
  openapi: string;
  info: { title: string; version: string; [key: string]: unknown };
  servers?: unknown;
  tags: { name: string; description?: string }[];
  paths: Record<string, PathItem>;
  components: Record<string, Record<string, unknown>>;
};

export const httpMethods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;
export type HttpMethod = (typeof httpMethods)[number];
export type PathItem = Partial<Record<HttpMethod, Operation>>;

export type Operation = {
  operationId: string;
  tags: string[];
  summary: string;
  security: Record<string, string[]>[];
  'x-stoa-public'?: string;
  /** Who may call: a permission of `roles.yaml`, or a kind of caller. */
  'x-stoa-permission': string;
  parameters?: unknown[];
  requestBody?: { required?: boolean; content: Record<string, { schema?: { $ref?: string } }> };
  responses: Record<string, unknown>;
};

export type NamedOperation = { id: string; method: HttpMethod; path: string; operation: Operation };

/** Every operation of a document, by operationId. Throws when one has no operationId or two share one. */
export function listOperations(document: OpenApiDocument): NamedOperation[] {
  const found = new Map<string, NamedOperation>();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of httpMethods) {
      const operation = item[method];
      if (!operation) continue;
      const id = operation.operationId;
      if (!id) throw new Error(`${method.toUpperCase()} ${path} has no operationId`);
      if (found.has(id)) throw new Error(`operationId ${id} is used twice`);
      found.set(id, { id, method, path, operation });
    }
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}
