import { onShutdown } from '@stoa/lib/listen.ts';
import { startRuntime } from './start.ts';
import type { RuntimeOptions } from './runtime-options.ts';
import { isWorker, serveAsWorker } from './workers/serve.ts';

/** The program of a runtime: the instance, or one of its workers, which start with the same module. */
export async function runRuntime(options: RuntimeOptions, entry: URL): Promise<void> {
  if (isWorker()) return serveAsWorker(options);
  const runtime = await startRuntime({ ...options, entry });
  onShutdown(() => runtime.stop());
}
