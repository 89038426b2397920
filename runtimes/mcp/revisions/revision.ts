import type { McpEra } from '../model.ts';

/** A revision of MCP as far as this engine does something by it: its name, and in what it differs from others. */
export type Revision = {
  /** As `MCP-Protocol-Version` and the handshake say it. */
  readonly name: string;
  /** `legacy`: a client begins with `initialize`. `modern`: every request stands alone, and says in `_meta` what it is. */
  readonly era: McpEra;
  /** Whether several messages may come in one request (JSON-RPC batches). */
  readonly hasBatches: boolean;
  /** Methods of other revisions that this one has not: to it they are unknown. */
  readonly withoutMethods: ReadonlySet<string>;
  /** The code of the error that says that there is no such resource. */
  readonly resourceNotFound: number;
  /** Whether a stream that its client may come back to begins with an event that has an id and no data, and may be closed for the client to come back (SEP-1699). */
  readonly hasPolling: boolean;
  /** HTTP statuses of errors that say more than 200, by their codes. */
  readonly errorStatus: Readonly<Record<number, number>>;
};

/** What the revisions with a handshake have in common. */
export const withHandshake = {
  era: 'legacy',
  hasBatches: false,
  withoutMethods: new Set(['server/discover', 'subscriptions/listen']),
  resourceNotFound: -32002,
  hasPolling: false,
  errorStatus: {},
} as const satisfies Omit<Revision, 'name'>;
