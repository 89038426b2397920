import { EarlyExit } from '@stoa/lib/errors.ts';
import { onShutdown } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { runMain } from '@stoa/lib/run-main.ts';
import { runProgram } from '@stoa/lib/run-program.ts';
import { serviceManager } from '@stoa/lib/service-manager.ts';
import { program, settings } from './config.ts';
import { connectPeers } from './peers.ts';
import { startConnect } from './start.ts';

// Not awaited: a single executable is a CommonJS script, which cannot wait at its top.
void (process.argv[2] === 'enroll'
  ? runMain(enrollThis)
  : runProgram(settings, {
      peers: connectPeers,
      // Read only for who asks for them.
      commands: {
        plan: async (config) => (await import('./plan-command.ts')).plan(config),
        validate: async (config) => (await import('./plan-command.ts')).validate(config),
      },
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
    }));

/** Signs a person in, by code that nothing else here needs: it is read for that alone. */
async function enrollThis(): Promise<never> {
  const { enroll } = await import('./enroll.ts');
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  throw new EarlyExit(await enroll(process.argv.slice(3), process.env, (text) => process.stderr.write(`${text}\n`), stop.signal));
}
