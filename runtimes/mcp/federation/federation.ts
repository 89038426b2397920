import type { McpServerReport } from '@stoa/generated/schemas.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { ApiEntry, McpCatalog, McpEra, Snapshot } from '../model.ts';
import type { Prover } from '../upstream/proofs/prover.ts';
import type { Relays } from '../upstream/relays.ts';
import type { CallerSide } from './caller-sessions.ts';
import { noCommands } from './commands.ts';
import type { McpCommands } from './commands.ts';
import type { KeptCatalogs } from './kept-catalogs.ts';
import { HttpPeer } from './http-peer.ts';
import { envelopeOf } from './negotiate.ts';
import type { ClientSelf, PeerMaker } from './negotiate.ts';
import type { McpAnswer, PeerRequest } from './peer.ts';
import { reportOf } from './report.ts';
import { FederatedServer } from './server.ts';
import { StdioPeer } from './stdio-peer.ts';

export type FederationOptions = {
  readonly relays: Relays;
  readonly prover: Prover;
  readonly log: Logger;
  readonly self: ClientSelf;
  /** What may be started as a server, by name. */
  readonly commands?: McpCommands;
  /** What was found before this process began; nothing when absent. */
  readonly kept?: Pick<KeptCatalogs, 'read' | 'save' | 'retain' | 'close'> | undefined;
};

/** What is said of the servers, to whoever listens. */
export type FederationEvents = {
  /** A server was found to offer something else. */
  offersChanged(serverId: string): void;
  /** What is to be told of a server is another thing. */
  reported(serverId: string, report: McpServerReport): void;
  /** A resource that was subscribed to has changed; `params` are those of the notification, as text. */
  resourceUpdated(serverId: string, params: string): void;
};

/** One line of status. */
export type ServerStatus = { readonly name: string; readonly state: FederatedServer['state']; readonly reason?: string };

const nobodyListens: FederationEvents = { offersChanged: () => undefined, reported: () => undefined, resourceUpdated: () => undefined };

/** The connections to MCP servers of one process: one for each server and the credentials that it is given, whoever calls. */
export class Federation {
  events = nobodyListens;
  readonly #options: FederationOptions;
  readonly #servers = new Map<string, FederatedServer>();
  /** What was offered last, also by those that are gone for a while, such as between two forms of their item. */
  readonly #reports = new Map<string, string>();
  readonly #stopping = new Set<Promise<void>>();

  constructor(options: FederationOptions) {
    this.#options = options;
  }

  /** Connects to the servers of a snapshot, and to no others. */
  retain({ mcpServers }: Pick<Snapshot, 'mcpServers'>): void {
    const isFewer = this.#servers.size === 0 || [...this.#servers.keys()].some((id) => !mcpServers.has(id));
    for (const [id, server] of this.#servers) {
      const entry = mcpServers.get(id);
      if (entry !== undefined && entry.mcp?.connection === server.entry.mcp?.connection) server.entry = entry;
      else this.#forget(id, server);
    }
    for (const [id, entry] of mcpServers) if (!this.#servers.has(id)) this.#servers.set(id, this.#begin(entry));
    if (isFewer) this.#options.kept?.retain(mcpServers);
  }

  /** What a server was found to offer. */
  catalogOf(serverId: string): McpCatalog | undefined {
    return this.#servers.has(serverId) ? this.#servers.get(serverId)?.catalog : this.#options.kept?.read(serverId);
  }

  /** Sends a request to a server, which `make` words once it is known in which era; `side` is the client, where the server may ask it something. */
  request(serverId: string, make: (era: McpEra) => PeerRequest, side?: CallerSide): void {
    const server = this.#servers.get(serverId);
    if (server !== undefined) return server.request(make, side);
    const reason = 'The MCP server is not served any more.';
    make('modern').settle({ kind: 'failed', reason, timeout: false, cause: new Error(reason) });
  }

  /** Has a server tell of changes of a resource until `unsubscribe` is called. */
  async subscribe(serverId: string, uri: string): Promise<McpAnswer> {
    const reason = 'The MCP server is not served any more.';
    return (await this.#servers.get(serverId)?.subscribe(uri)) ?? { kind: 'failed', reason, timeout: false, cause: new Error(reason) };
  }

  unsubscribe(serverId: string, uri: string): void {
    this.#servers.get(serverId)?.unsubscribe(uri);
  }

  /** Tells every server something of one client, where it has a session of its own there. */
  tell(key: string, method: string, params: Readonly<Record<string, unknown>>): void {
    for (const server of this.#servers.values()) server.tell(key, method, params);
  }

  /** Ends the sessions of one client at every server. */
  forget(key: string): void {
    for (const server of this.#servers.values()) server.forget(key);
  }

  get self(): ClientSelf {
    return this.#options.self;
  }

  /** How each server is, by its name. */
  status(): readonly ServerStatus[] {
    return [...this.#servers.values()]
      .map(({ entry: { name }, state, reason }) => ({ name, state, ...(reason !== undefined && { reason }) }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Whether there is a command of the name to start. */
  hasCommand(name: string): boolean {
    return this.#options.commands?.has(name) === true;
  }

  async close(): Promise<void> {
    for (const [id, server] of this.#servers) this.#forget(id, server);
    await Promise.all(this.#stopping);
    await this.#options.kept?.close();
  }

  #begin(entry: ApiEntry): FederatedServer {
    const { self, log } = this.#options;
    const server: FederatedServer = new FederatedServer({
      entry,
      self,
      makePeer: this.#peersOf(entry),
      log,
      changed: (changed) => this.#changed(entry.id, changed),
      resourceUpdated: (_, params) => this.events.resourceUpdated(entry.id, params ?? '{}'),
    });
    return server;
  }

  #changed(id: string, server: FederatedServer): void {
    // One that is being replaced has nothing to say any more.
    if (this.#servers.get(id) !== server) return;
    if (server.catalog !== server.entry.mcp?.catalog) {
      if (server.catalog !== undefined) this.#options.kept?.save(id, server.catalog);
      this.events.offersChanged(id);
    }
    const report = reportOf(server);
    const text = JSON.stringify(report);
    if (this.#reports.get(id) === text) return;
    this.#reports.set(id, text);
    this.events.reported(id, report);
  }

  #forget(id: string, server: FederatedServer): void {
    this.#servers.delete(id);
    this.#reports.delete(id);
    const stopping = server.stop().finally(() => this.#stopping.delete(stopping));
    this.#stopping.add(stopping);
  }

  #peersOf({ mcp, operations }: ApiEntry): PeerMaker {
    const { relays, prover, self, log, commands = noCommands } = this.#options;
    const [operation] = operations;
    const envelope = envelopeOf(self);
    if (mcp?.place.kind === 'stdio') {
      const command = commands.get(mcp.place.command);
      if (command === undefined) throw new Error('An MCP server whose command there is not.');
      return (era, _revision, isOfOneClient = false) => new StdioPeer({ command, era, log, envelope, isOfOneClient });
    }
    if (mcp === undefined || operation === undefined) throw new Error('An MCP server without a place.');
    const { path, headers, besideCallers } = mcp.place;
    const way = { relays, prover, operation: { ...operation, proofs: mcp.ownProofs }, path, headers, besideCallers };
    return (era, revision, isOfOneClient = false, by = undefined) => new HttpPeer({ way, era, revision, isOfOneClient, envelope, by });
  }
}
