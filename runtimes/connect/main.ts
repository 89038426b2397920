import { onShutdown } from '@stoa/lib/listen.ts';
import { runProgram } from '@stoa/lib/run-program.ts';
import { settings } from './config.ts';
import { connectPeers } from './peers.ts';
import { startConnect } from './start.ts';

await runProgram(settings, {
  peers: connectPeers,
  async start(config) {
    const connect = await startConnect(config);
    onShutdown(() => connect.stop());
  },
});
