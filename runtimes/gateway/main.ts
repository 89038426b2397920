import { onShutdown } from '@stoa/lib/listen.ts';
import { runMain } from '@stoa/lib/settings.ts';
import { settings } from './config.ts';
import { startGateway } from './start.ts';

await runMain(async () => {
  const runtime = await startGateway(settings.load());
  onShutdown(() => runtime.stop());
});
