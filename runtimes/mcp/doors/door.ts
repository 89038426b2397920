import type { DoorName } from '@stoa/generated/schemas.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Implementation } from '@modelcontextprotocol/server';
import type { UpgradeHandler } from '@stoa/lib/http-server.ts';
import type { QuickHandler } from '@stoa/lib/quick/connection.ts';
import type { Engine } from '../engine.ts';
import type { Snapshot, SnapshotChanges } from '../model.ts';

/** A way in for calls, which the metering tells apart. Each has a folder here and a line in the table. */
export type Door = {
  readonly name: DoorName;
  /** Announced at the registration, under the name; one that listens elsewhere has none. */
  readonly path?: string;
  open(parts: DoorParts): OpenDoor;
};

/** What doors are made of. */
export type DoorParts = {
  readonly engine: Engine;
  /** As what the runtime makes itself known to its clients. */
  readonly serverInfo: Implementation;
  /** Origins of web pages that may call. */
  readonly allowedOrigins: readonly string[];
  /** Which credentials let in at `/mcp`: entries of a `CredentialChain`. */
  readonly mcpChain?: readonly string[];
  /** Told how many streams are open. */
  readonly tally: { streams: number };
  /** Where this thread counts its WebSockets, with the others; by itself when absent. */
  readonly tunnels?: { readonly memory: SharedArrayBuffer; readonly owner: number } | undefined;
  /** Where questions over gRPC come: `127.0.0.1:9001` or `unix:/run/stoa/link.sock`. */
  readonly grpcListen?: string | undefined;
  /** Permissions of sockets in a folder, such as 660. */
  readonly socketMode?: string;
  /** Who may ask at `/authz`: entries of `STOA_AUTHZ_CALLERS`; everybody when absent. */
  readonly authzCallers?: readonly string[] | undefined;
};

export type OpenDoor = {
  /** Answers a request that is its own, at once (true) or when the promise ends. False, with the response untouched, leaves it to others. */
  handle(path: string, request: IncomingMessage, response: ServerResponse): Promise<unknown> | boolean;
  /** The same for requests that can be answered straight from the socket. */
  readonly handleQuick?: QuickHandler;
  /** Takes over connections that ask for another protocol. */
  readonly upgrades?: UpgradeHandler;
  /** Begins to listen where it has an address of its own; `reusePort` where other threads do so too. Throws an `ExpectedError` when the address cannot be used. */
  listen?(reusePort: boolean): Promise<void>;
  /** Called after the engine's snapshot was replaced. */
  snapshotReplaced?(previous: Snapshot, changes: SnapshotChanges): Promise<void>;
  /** Called when a resource of an MCP server has changed that somebody subscribed to: the server's id, and the parameters of its notification as text. */
  resourceUpdated?(serverId: string, params: string): void;
  /** Ends what would keep the server from closing. Calls in flight go on. */
  close?(): Promise<void>;
};
