import { onShutdown } from '@stoa/lib/listen.ts';
import { runProgram } from '@stoa/lib/run-program.ts';
import { runtimePeers } from '@stoa/mcp/peers.ts';
import { settings } from './config.ts';
import { startLink } from './start.ts';

await runProgram(settings, {
  peers: runtimePeers,
  async start(config) {
    const runtime = await startLink(config);
    onShutdown(() => runtime.stop());
  },
});
