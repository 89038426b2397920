import type { UsageRecord } from '@stoa/generated/schemas.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Registry } from 'prom-client';
import type { Door, OperationEntry } from './model.ts';

/** Where closed windows go. Resolves once the records are on disk; a rejection makes the meter keep them and try again. */
export type UsageSpool = { append(records: UsageRecord[]): Promise<void> };

export type CallMetering = {
  readonly door: Door;
  readonly operation: OperationEntry | undefined;
  readonly consumerId: string | undefined;
  readonly outcome: MeteredOutcome;
  readonly durationMs: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
};

/** Outcomes as `stoa_calls_total` labels them. */
export type MeteredOutcome =
  | 'ok' | 'client_error' | 'upstream_error' | 'cancelled' | 'invalid_arguments'
  | 'unauthenticated' | 'unknown' | 'forbidden' | 'rate_limited' | 'too_large';

export type Meter = {
  record(call: CallMetering): void;
  setGeneration(generation: number): void;
  /** Metrics for `GET /metrics`: `await meter.registry.metrics()`. */
  readonly registry: Registry;
  /** Hands every closed window to the spool. */
  flush(): Promise<void>;
  /** Stops the clock and hands over the open window too. */
  close(): Promise<void>;
};

export type MeterOptions = { readonly spool: UsageSpool; readonly log: Logger; readonly windowMs?: number; readonly registry?: Registry };

export declare function createMeter(options: MeterOptions): Meter;
