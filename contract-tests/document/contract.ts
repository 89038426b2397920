import controlPlane from '@stoa/generated/control-plane.openapi.json' with { type: 'json' };
import management from '@stoa/generated/management.openapi.json' with { type: 'json' };
import registration from '@stoa/generated/registration.openapi.json' with { type: 'json' };
import runtime from '@stoa/generated/runtime.openapi.json' with { type: 'json' };

export type Schema = {
  $ref?: string;
  type?: string | string[];
  format?: string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
};
export type Parameter = { name: string; in: string; required?: boolean; schema: Schema };
type MediaType = { schema?: Schema };
export type DocumentedResponse = { description: string; headers?: Record<string, unknown>; content?: Record<string, MediaType> };
export type Operation = {
  operationId: string;
  description: string;
  security: Record<string, unknown>[];
  'x-stoa-public'?: string;
  parameters?: (Parameter | { $ref: string })[];
  requestBody?: { required?: boolean; content: Record<string, MediaType> };
  responses: Record<string, DocumentedResponse | { $ref: string }>;
};
type OpenApi = { paths: Record<string, Record<string, unknown>>; components: Record<string, Record<string, unknown>> };

/** One operation with where it is served. */
export type Entry = { readonly id: string; readonly method: string; readonly path: string; readonly operation: Operation };

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];

/** A bundled document, asked by method and path as a server or a client meets it. */
export class Contract {
  readonly #document: OpenApi;
  readonly entries: readonly Entry[];

  constructor(document: unknown) {
    // The documents are JSON modules: their inferred types are literal and of no use here.
    this.#document = document as OpenApi;
    this.entries = Object.entries(this.#document.paths).flatMap(([path, item]) =>
      methods.flatMap((method): Entry[] => {
        const operation = item[method] as Operation | undefined;
        return operation === undefined ? [] : [{ id: operation.operationId, method, path, operation }];
      }),
    );
  }

  entry(id: string): Entry {
    const found = this.entries.find((entry) => entry.id === id);
    if (found === undefined) throw new Error(`The document has no operation ${id}.`);
    return found;
  }

  /** The operation that serves this path, and the values of its path parameters. Paths without parameters win. */
  match(method: string, pathname: string): { entry: Entry; path: Record<string, string> } | undefined {
    const sorted = [...this.entries].sort((a, b) => Number(a.path.includes('{')) - Number(b.path.includes('{')));
    for (const entry of sorted) {
      if (entry.method !== method.toLowerCase()) continue;
      const path = matchTemplate(entry.path, pathname);
      if (path !== undefined) return { entry, path };
    }
    return undefined;
  }

  parameters({ operation }: Entry): Parameter[] {
    return (operation.parameters ?? []).map((parameter) => this.resolve<Parameter>(parameter));
  }

  response({ operation }: Entry, status: number): DocumentedResponse | undefined {
    const response = operation.responses[String(status)];
    return response === undefined ? undefined : this.resolve<DocumentedResponse>(response);
  }

  /** Follows `$ref`, as often as it leads to another. */
  resolve<T>(value: T | { $ref?: string }): T {
    let current: unknown = value;
    for (let depth = 0; depth < 20; depth += 1) {
      const ref = (current as { $ref?: string } | null)?.$ref;
      if (ref === undefined) return current as T;
      current = ref
        .split('/')
        .slice(1)
        .reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], this.#document);
    }
    throw new Error('A reference leads nowhere after 20 steps.');
  }
}

function matchTemplate(template: string, pathname: string): Record<string, string> | undefined {
  const wanted = template.split('/');
  const given = pathname.split('/');
  if (wanted.length !== given.length) return undefined;
  const path: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith('{') && value !== '') path[part.slice(1, -1)] = decodeURIComponent(value);
    else if (part !== value) return undefined;
  }
  return path;
}

/** What the Control Plane serves: the registration protocol and the management API. */
export const controlPlaneContract = new Contract(controlPlane);
export const registrationContract = new Contract(registration);
export const managementContract = new Contract(management);
export const runtimeContract = new Contract(runtime);
