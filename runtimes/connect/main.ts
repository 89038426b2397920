import { onShutdown } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { runProgram } from '@stoa/lib/run-program.ts';
import { serviceManager } from '@stoa/lib/service-manager.ts';
import { program, settings } from './config.ts';
import { connectPeers } from './peers.ts';
import { startConnect } from './start.ts';

// Not awaited: a single executable is a CommonJS script, which cannot wait at its top.
void runProgram(settings, {
  peers: connectPeers,
  async start(config) {
    const log = createLogger({ program, level: config.logLevel });
    const connect = await startConnect(config, log);
    const manager = serviceManager(log);
    manager.ready();
    onShutdown(() => {
      manager.stopping();
      return connect.stop();
    });
  },
});
