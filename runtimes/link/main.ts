import { runProgram } from '@stoa/lib/run-program.ts';
import { runtimePeers } from '@stoa/mcp/peers.ts';
import { runRuntime } from '@stoa/mcp/run.ts';
import { settings } from './config.ts';
import { link } from './start.ts';

await runProgram(settings, {
  peers: runtimePeers,
  start: (config) => runRuntime(link(config), new URL(import.meta.url)),
});
