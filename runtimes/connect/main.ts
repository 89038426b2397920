import { onShutdown } from '@stoa/lib/listen.ts';
import { runMain } from '@stoa/lib/settings.ts';
import { settings } from './config.ts';
import { startConnect } from './start.ts';

await runMain(async () => {
  const connect = await startConnect(settings.load());
  onShutdown(() => connect.stop());
});
