import { inSlices } from '@stoa/lib/slices.ts';
import type { Engine } from '../../../engine.ts';
import type { Snapshot, ToolEntry } from '../../../model.ts';
import { ToolIndex } from './tool-index.ts';
import type { Findable } from './tool-index.ts';
import type { Doing } from './words.ts';

/** What an operation does, by its method. */
export const doingOf: Readonly<Record<ToolEntry['operation']['method'], Doing>> = {
  GET: '~read',
  HEAD: '~read',
  OPTIONS: '~read',
  TRACE: '~read',
  POST: '~create',
  PUT: '~update',
  PATCH: '~update',
  DELETE: '~delete',
};

/** Finds tools by what they are for. The index is made at the first question, and anew when the tools are others. */
export class ToolFinder {
  readonly #engine: Pick<Engine, 'snapshot'>;
  #tools: Snapshot['tools'] | undefined;
  #index: Promise<ToolIndex> | undefined;

  constructor(engine: Pick<Engine, 'snapshot'>) {
    this.#engine = engine;
  }

  /** The best tools for a question, the best first, of those that `admits` lets through. */
  async find(question: string, count: number, admits: (toolName: string) => boolean): Promise<string[]> {
    const index = await this.#indexed();
    return index.find(question, count, ({ name }) => admits(name)).map(({ name }) => name);
  }

  #indexed(): Promise<ToolIndex> {
    const { tools } = this.#engine.snapshot;
    if (this.#index !== undefined && this.#tools === tools) return this.#index;
    const index = inSlices(ToolIndex.of(findablesOf(tools)));
    this.#tools = tools;
    this.#index = index;
    index.catch(() => {
      if (this.#index === index) this.#index = undefined;
    });
    return index;
  }
}

function findablesOf(tools: Snapshot['tools']): Findable[] {
  const list = Array.from(tools.values(), ({ name, definition, operation }) => ({ name, definition, doing: doingOf[operation.method] }));
  return list.sort((a, b) => (a.name < b.name ? -1 : 1));
}
