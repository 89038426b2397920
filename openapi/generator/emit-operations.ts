import { listOperations } from './document.ts';
import type { OpenApiDocument } from './document.ts';

/** A table of the operations for code that walks them: routing, tests, the proof that nothing is public by accident. */
export function emitOperations(document: OpenApiDocument): string {
  const rows = listOperations(document).map(({ id, method, path, operation }) => {
    const security = operation.security.flatMap((requirement) => Object.keys(requirement));
    return `  ${id}: ${JSON.stringify({ method, path, tags: operation.tags, security, isPublic: operation.security.length === 0 })},`;
  });
  return [
    'export type ContractOperation = { readonly method: string; readonly path: string; readonly tags: readonly string[]; readonly security: readonly string[]; readonly isPublic: boolean };',
    `export const operations = {\n${rows.join('\n')}\n} as const satisfies Record<string, ContractOperation>;`,
    'export type OperationId = keyof typeof operations;',
    '',
  ].join('\n');
}
