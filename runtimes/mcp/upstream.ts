import type { BuiltRequest, OperationEntry } from './model.ts';

export type UpstreamAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly contentType: string; readonly body: Buffer }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly reason: string; readonly timeout: boolean };

/** One pool of connections for each origin, shared by all snapshots of the process (lesson 33). */
export type Upstreams = {
  call(operation: OperationEntry, request: BuiltRequest, signal: AbortSignal | undefined): Promise<UpstreamAnswer>;
  /** Closes the pools of origins that are no longer served, after their calls have ended. */
  retain(origins: ReadonlySet<string>): void;
  close(): Promise<void>;
};
