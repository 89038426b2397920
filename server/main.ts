import { createLogger } from '@stoa/lib/log.ts';
import { onShutdown } from '@stoa/lib/listen.ts';
import { runProgram } from '@stoa/lib/run-program.ts';
import { settings } from './config.ts';
import { endAllNow } from './database/postgres-process.ts';
import { controlPlanePeers } from './peers.ts';
import { recoverOwner } from './recover-owner.ts';
import { startControlPlane } from './start.ts';

await runProgram(settings, {
  peers: controlPlanePeers,
  commands: {
    async 'recover-owner'(config) {
      const { url, until } = await recoverOwner(config, createLogger({ program: 'stoa-control-plane', level: config.logLevel }));
      process.stdout.write(`Open this link within ten minutes, once. It signs the browser in as an owner, until ${until}:\n${url}\n`);
    },
  },
  async start(config) {
    const log = createLogger({ program: 'stoa-control-plane', level: config.logLevel });
    const starting = startControlPlane(config, log);
    // A start that fails is told below. One that is interrupted is stopped as soon as it is complete.
    const stopped = starting.then(
      ({ stop }) => stop,
      () => () => {},
    );
    onShutdown(async () => (await stopped)(), { force: endAllNow });
    const { url, mintedAdministrator, ownerLink } = await starting;
    if (mintedAdministrator) log.info({ file: mintedAdministrator.file }, "The first administrator's token is in a file.");
    // To the person who started it, and not into the log, which others read and where whatever goes to the console goes.
    if (ownerLink !== undefined)
      process.stdout.write(`Nobody owns this Control Plane yet. Open this link to become its owner, once, within a day:\n${ownerLink}\n`);
    log.info({ url }, 'The Control Plane is ready.');
  },
});
