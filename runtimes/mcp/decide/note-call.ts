import type { CallOutcome } from './call-outcome.ts';
import { chargeBytes } from './charge.ts';
import type { DecidingEngine } from './admit.ts';
import type { Calling } from './may-call.ts';
import type { MeteredOutcome } from '../metering/meter.ts';
import type { OperationEntry } from '../model.ts';

/** What became of a call of the MCP door. */
export type EndedCall = {
  /** Undefined where there is none of the name. */
  readonly operation: OperationEntry | undefined;
  readonly outcome: MeteredOutcome;
  readonly decided: CallOutcome;
  /** By the monotonic clock, in milliseconds. */
  readonly startedAt: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
};

/** Meters a call, and takes its bytes from the limits that count them. */
export function noteCall(engine: DecidingEngine, { snapshot, caller, addressOf }: Calling, { startedAt, ...ended }: EndedCall): void {
  const { operation, requestBytes, responseBytes } = ended;
  const { consumerId, keyId } = caller;
  engine.meter.record({ door: 'mcp', consumerId, keyId, durationMs: performance.now() - startedAt, addressOf, ...ended });
  if (operation !== undefined) chargeBytes(engine, { snapshot, consumerId, operation }, requestBytes + responseBytes);
}
