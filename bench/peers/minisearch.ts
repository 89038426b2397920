import type { Findable } from '@stoa/mcp/doors/mcp/search/tool-index.ts';
import { inPeers } from './install.ts';

type MiniSearch = {
  addAll(documents: readonly object[]): void;
  search(question: string, options: object): { id: string }[];
};

/** The search library that one would take, over the same fields with the same weights, in the settings that it comes with. */
export async function minisearchOver(tools: readonly Findable[]): Promise<(question: string, count: number) => string[]> {
  const { default: Library } = (await import(inPeers('minisearch/dist/es/index.js'))) as { default: new (options: object) => MiniSearch };
  const index = new Library({ fields: ['name', 'title', 'description', 'parameters'], idField: 'name' });
  index.addAll(
    tools.map(({ name, definition: { title = '', description = '', input_schema: schema } }) => ({
      name,
      title,
      description: description.slice(0, 600),
      parameters: Object.keys((schema as { properties?: object }).properties ?? {}).join(' '),
    })),
  );
  const options = { boost: { name: 3, title: 2, parameters: 0.3 } };
  return (question, count) =>
    index
      .search(question, options)
      .slice(0, count)
      .map(({ id }) => id);
}
