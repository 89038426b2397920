import { constants } from 'node:os';

const signals = ['SIGTERM', 'SIGINT'] as const;
export type ShutdownSignal = (typeof signals)[number];

/**
 * Runs `handler` once at the first SIGTERM or SIGINT, then exits with 0; with 1 when it fails or takes longer than
 * `timeoutMs` (30 s). A second signal exits at once with 128 + its number, for the operator who will not wait.
 * Answers a function that takes the registration back.
 */
export function onShutdown(
  handler: (signal: ShutdownSignal) => Promise<void> | void,
  { timeoutMs = 30_000 }: { timeoutMs?: number } = {},
): () => void {
  let begun = false;
  const receive = (signal: ShutdownSignal): void => {
    if (begun) process.exit(128 + constants.signals[signal]);
    begun = true;
    void shutDown(handler, signal, timeoutMs);
  };
  for (const signal of signals) process.on(signal, receive);
  return () => {
    for (const signal of signals) process.off(signal, receive);
  };
}

async function shutDown(handler: (signal: ShutdownSignal) => Promise<void> | void, signal: ShutdownSignal, timeoutMs: number): Promise<never> {
  const timer = setTimeout(() => {
    console.error(`The shutdown took longer than ${timeoutMs} ms and was cut off.`);
    process.exit(1);
  }, timeoutMs);
  try {
    await handler(signal);
    clearTimeout(timer);
    process.exit(0);
  } catch (error) {
    console.error('The shutdown failed:', error);
    process.exit(1);
  }
}
