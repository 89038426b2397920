import type { Logger } from '@stoa/lib/log.ts';
import type { Limits } from './limits.ts';
import type { Meter } from './meter.ts';
import type { Snapshot } from './model.ts';
import type { Upstreams } from './upstream.ts';

/** What the doors of one process share. */
export type Engine = {
  /** The snapshot that calls begin with; an empty one of generation 0 before the first. */
  readonly snapshot: Snapshot;
  /** Whether a snapshot was ever put in place: before, nothing can be decided. */
  readonly ready: boolean;
  /** Puts a snapshot in place at once. Calls in flight keep theirs. */
  replace(snapshot: Snapshot): void;
  /** Waits for calls in flight to end, then hands the last usage to the spool. */
  close(): Promise<void>;
  readonly meter: Meter;
  readonly limits: Limits;
  readonly upstreams: Upstreams;
  readonly log: Logger;
};

export type UpstreamOptions = {
  /** Time for a whole upstream call, connection included. Default 30 000. */
  readonly timeoutMs?: number;
  /** Largest response body read. Default 4 MiB. */
  readonly maxResponseBytes?: number;
  /** Default 128. */
  readonly connectionsPerOrigin?: number;
};

export type EngineOptions = {
  readonly meter: Meter;
  /** Default: counters in the memory of this process. */
  readonly limits?: Limits;
  readonly log: Logger;
  readonly upstream?: UpstreamOptions;
};

export declare function createEngine(options: EngineOptions): Engine;
