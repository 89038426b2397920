import { runProgram } from '@stoa/lib/run-program.ts';
import { runtimePeers } from '@stoa/mcp/peers.ts';
import { runRuntime } from '@stoa/mcp/run.ts';
import { settings } from './config.ts';
import { gateway } from './start.ts';

await runProgram(settings, {
  peers: runtimePeers,
  start: (config) => runRuntime(gateway(config), new URL(import.meta.url)),
});
