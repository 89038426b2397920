import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isSeal, sealOf } from '@stoa/control-plane-client/seal.ts';
import { removeFile, writeDurably } from '@stoa/lib/durable-file.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Secret } from '@stoa/lib/secret.ts';
import type { McpCatalog } from '../model.ts';

export type KeptCatalogsOptions = {
  readonly stateDir: string;
  readonly gatewayKey: Secret;
  /** Whether this thread writes them: one of a process does. */
  readonly writes: boolean;
  readonly log: Logger;
};

const purpose = 'stoa what an mcp server offers';
const ending = '.json';

/**
 * What MCP servers were found to offer, kept in the state directory: after a restart the tools of one that is away are listed still. Each file is under a seal that is made with the gateway key, as the keys of
 * configuration are: whoever can write there cannot put a tool of his own in front of agents. Works in memory alone where the disk fails, and says so.
 */
export class KeptCatalogs {
  readonly #options: KeptCatalogsOptions;
  readonly #folder: string;
  /** What is to be written next; of each server one file is written at a time. */
  readonly #waiting = new Map<string, McpCatalog>();
  #writing: Promise<void> | undefined;

  constructor(options: KeptCatalogsOptions) {
    this.#options = options;
    this.#folder = join(options.stateDir, 'mcp-servers');
  }

  /** Undefined for none, and for one that this instance did not write. */
  read(serverId: string): McpCatalog | undefined {
    try {
      const { seal, catalog } = JSON.parse(readFileSync(this.#pathOf(serverId), 'utf8')) as { seal: string; catalog: string };
      if (!isSeal(seal, this.#seal(serverId, catalog))) throw new Error('it was not written with the present gateway key');
      const found = JSON.parse(catalog) as Omit<McpCatalog, 'capabilities'> & { capabilities: [string, string][] };
      // JSON leaves out what is undefined.
      const { instructions, serverInfo, capabilities } = found;
      return { ...found, instructions, serverInfo, capabilities: new Map(capabilities) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.#options.log.warn({ mcp_server_id: serverId, reason: (error as Error).message }, 'What is kept of an MCP server is not used.');
      return undefined;
    }
  }

  save(serverId: string, catalog: McpCatalog): void {
    if (!this.#options.writes) return;
    this.#waiting.set(serverId, catalog);
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined));
  }

  /** Forgets all servers but these. */
  retain(serverIds: { has(serverId: string): boolean }): void {
    if (!this.#options.writes) return;
    for (const id of this.#waiting.keys()) if (!serverIds.has(id)) this.#waiting.delete(id);
    for (const id of this.#kept()) if (!serverIds.has(id)) void removeFile(this.#pathOf(id)).catch(() => undefined);
  }

  /** Resolves once all that was to be written is. */
  async close(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      const [serverId, found] = next;
      this.#waiting.delete(serverId);
      try {
        const catalog = JSON.stringify({ ...found, capabilities: [...found.capabilities] });
        mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
        await writeDurably(this.#pathOf(serverId), JSON.stringify({ seal: this.#seal(serverId, catalog), catalog }));
      } catch (error) {
        this.#options.log.error({ err: error, mcp_server_id: serverId }, 'What an MCP server offers could not be kept for the next start.');
      }
    }
  }

  #kept(): string[] {
    try {
      return readdirSync(this.#folder).flatMap((name) => (!name.startsWith('.') && name.endsWith(ending) ? [name.slice(0, -ending.length)] : []));
    } catch {
      return [];
    }
  }

  readonly #seal = (serverId: string, catalog: string): string => sealOf(this.#options.gatewayKey, purpose, `${serverId} ${catalog}`);

  /** Ids are UUIDs: the configuration was judged by the contract. */
  readonly #pathOf = (serverId: string): string => join(this.#folder, `${serverId}${ending}`);
}
