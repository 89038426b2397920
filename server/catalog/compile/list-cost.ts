import type { ApiOperation } from '@stoa/generated/schemas.ts';

/** What the tools take in a `tools/list`, in bytes: each as MCP lists it, and a comma between each two. */
export function listBytesOf(operations: readonly ApiOperation[]): number {
  const separators = Math.max(0, operations.length - 1);
  return operations.reduce((sum, { tool }) => sum + Buffer.byteLength(JSON.stringify(listed(tool))), separators);
}

function listed({ name, title, description, input_schema: inputSchema, output_schema: outputSchema, annotations }: ApiOperation['tool']): object {
  return { name, title, description, inputSchema, outputSchema, annotations };
}
