type Tool = {
  name: string;
  title?: string | undefined;
  description?: string | undefined;
  input_schema: object;
  output_schema?: object | undefined;
  annotations?: object | undefined;
};

/** What tools take in a `tools/list`, in bytes: each as MCP lists it, and a comma between each two. */
export function listBytesOf(tools: readonly Tool[]): number {
  const separators = Math.max(0, tools.length - 1);
  return tools.reduce((sum, tool) => sum + Buffer.byteLength(JSON.stringify(listed(tool))), separators);
}

function listed({ name, title, description, input_schema: inputSchema, output_schema: outputSchema, annotations }: Tool): object {
  return { name, title, description, inputSchema, outputSchema, annotations };
}

const bytesPerToken = 4;

/** What so much of a list takes of a model's context, in tokens: nearly as much as any tokenizer counts. */
export const tokensOf = (bytes: number): number => Math.ceil(bytes / bytesPerToken);
