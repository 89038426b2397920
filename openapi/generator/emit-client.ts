import { listOperations } from './document.ts';
import type { OpenApiDocument } from './document.ts';

/** The typed client: one function for each operationId over openapi-fetch. */
export function emitClient(document: OpenApiDocument): string {
  const rows = listOperations(document).map(({ id, method, path, operation }) => {
    const verb = method.toUpperCase();
    const type = `FetchOptions<paths['${path}']['${method}']>`;
    // An operation with neither parameters nor body may be called with nothing.
    const optional = operation.requestBody || path.includes('{') ? '' : '?';
    return `    /** ${verb} ${path}: ${operation.summary} */\n    ${id}: (init${optional}: ${type}) => client.${verb}('${path}', init),`;
  });
  return `import createClient from 'openapi-fetch';
import type { Client, ClientOptions, FetchOptions } from 'openapi-fetch';
import type { paths } from './control-plane.types.ts';

/** The operations over fetch, or over another that is given in its place. */
export const createControlPlaneClient = (options: ClientOptions): ControlPlaneClient => controlPlaneOperations(createClient<paths>(options));

/**
 * The operations of the Control Plane by operationId. Each resolves to \`{ data, error, response }\`: \`data\` on success, \`error\` (a
 * Problem) otherwise; it rejects when there is no answer.
 */
export function controlPlaneOperations(client: Client<paths>) {
  return {
${rows.join('\n')}
  };
}

export type ControlPlaneClient = ReturnType<typeof controlPlaneOperations>;
`;
}
