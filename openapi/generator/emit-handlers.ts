import { listOperations } from './document.ts';
import type { OpenApiDocument } from './document.ts';

const helpers = `type Parameters<Operation> = Operation extends { parameters: infer P } ? P : never;
type Part<P, Key extends string> = P extends { [K in Key]: infer V } ? V : P extends { [K in Key]?: infer V } ? NonNullable<V> | Record<string, never> : Record<string, never>;
type Body<Operation> = Operation extends { requestBody: { content: infer C } } ? C[keyof C] : undefined;
type Content<R> = R extends { content: infer C } ? (C extends Record<string, never> ? undefined : C[keyof C]) : undefined;
type SuccessStatus = 200 | 201 | 202 | 204 | 304;

/** What a handler is given: the validated parts of a request. */
export type Input<Operation> = {
  readonly path: Part<Parameters<Operation>, 'path'>;
  readonly query: Part<Parameters<Operation>, 'query'>;
  readonly headers: Part<Parameters<Operation>, 'header'>;
  readonly body: Body<Operation>;
};

/** What a handler answers: one of the documented successes. Failures are thrown. */
export type Reply<Operation> = Operation extends { responses: infer R }
  ? { [Status in keyof R & SuccessStatus]: Content<R[Status]> extends undefined
      ? { readonly status: Status; readonly headers?: Readonly<Record<string, string>> }
      : { readonly status: Status; readonly body: Content<R[Status]>; readonly headers?: Readonly<Record<string, string>> }
    }[keyof R & SuccessStatus]
  : never;

export type Handler<Operation, Context> = (input: Input<Operation>, context: Context) => Promise<Reply<Operation>>;
`;

/**
 * The server's stub: one entry for each operationId. A table that lacks one, misspells one or answers in another shape does
 * not compile.
 */
export function emitHandlers(document: OpenApiDocument, options: { name: string; typesFile: string }): string {
  const rows = listOperations(document).map(
    ({ id, method, path, operation }) =>
      `  /** ${method.toUpperCase()} ${path}: ${operation.summary} */\n  readonly ${id}: Handler<operations['${id}'], Context>;`,
  );
  return `import type { operations } from './${options.typesFile}';\n\n${helpers}\nexport type ${options.name}<Context> = {\n${rows.join('\n')}\n};\n`;
}
