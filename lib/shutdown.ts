import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
export type ShutdownSignal = (typeof signals)[number];
type Options = {
  /** 30 s when absent. */
  timeoutMs?: number;
  /** Ends at once what must not outlive this process. Called when the handler is not waited for any longer; given 5 s. */
  force?: () => Promise<void> | void;
};

const forceMs = 5_000;

/**
 * Runs `handler` once at the first SIGTERM, SIGINT or SIGHUP, then exits with 0; with 1 when it fails or takes longer than `timeoutMs`. A second
 * SIGTERM or SIGINT forces the end and exits with 128 + its number, for the operator who will not wait; a second SIGHUP changes nothing, since a
 * terminal that is closed may say so twice, by the system and by the shell. Answers a function that takes the registration back.
 */
export function onShutdown(handler: (signal: ShutdownSignal) => Promise<void> | void, options: Options = {}): () => void {
  let received = 0;
  const receive = (signal: ShutdownSignal): void => {
    if (signal === 'SIGHUP' && received > 0) return;
    received += 1;
    if (received === 1) void shutDown(handler, signal, options);
    // Signals after the second change nothing: forcing has its own bound.
    if (received === 2) void forceExit(options.force, 128 + constants.signals[signal]);
  };
  for (const signal of signals) process.on(signal, receive);
  // A terminal that is closed takes our output with it, which must not end us before we have stopped.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  return () => {
    for (const signal of signals) process.off(signal, receive);
  };
}

async function shutDown(handler: (signal: ShutdownSignal) => Promise<void> | void, signal: ShutdownSignal, options: Options): Promise<void> {
  const { timeoutMs = 30_000, force } = options;
  const timer = setTimeout(() => {
    console.error(`The shutdown took longer than ${timeoutMs} ms and was cut off.`);
    void forceExit(force, 1);
  }, timeoutMs);
  try {
    await handler(signal);
    process.exit(0);
  } catch (error) {
    console.error('The shutdown failed:', error);
    await forceExit(force, 1);
  } finally {
    clearTimeout(timer);
  }
}

async function forceExit(force: Options['force'], code: number): Promise<never> {
  await Promise.race([Promise.resolve().then(() => force?.()), delay(forceMs)]).catch((error: unknown) =>
    console.error('The end could not be forced:', error),
  );
  process.exit(code);
}
