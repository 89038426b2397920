import { setFlagsFromString } from 'node:v8';
import { createLogger } from '@stoa/lib/log.ts';
import { onShutdown } from '@stoa/lib/listen.ts';
import { runProgram } from '@stoa/lib/run-program.ts';
import { settings } from './config.ts';
import { controlPlanePeers } from './peers.ts';

const keyCommands = () => import('./secrets/key-commands.ts');

// By itself V8 lets what is no longer used grow to as much as what is, and the buffers that it holds with it: a third of the memory at 700 APIs.
const heapGrowthPercent = 40;

// What serves is loaded to serve: everything else this program can be asked for is there at once.
await runProgram(settings, {
  peers: controlPlanePeers,
  commands: {
    async 'recover-owner'(config) {
      const { recoverOwner } = await import('./recover-owner.ts');
      const { url, until } = await recoverOwner(config, createLogger({ program: 'stoa-control-plane', level: config.logLevel }));
      return `Open this link within ten minutes, once. It signs the browser in as an owner, until ${until}:\n${url}`;
    },
    'rotate-master-key': async (config, options) => (await keyCommands()).rotateMasterKey(config, options),
    'rotate-data-keys': async (config, options) => (await keyCommands()).rotateDataKeysOf(config, options),
    'rotate-issuer-keys': async (config) => (await keyCommands()).rotateIssuerKeysOf(config),
    'rotate-signing-key': async (config) => (await keyCommands()).rotateSigningKeyOf(config),
  },
  async start(config) {
    setFlagsFromString(`--heap-growing-percent=${heapGrowthPercent}`);
    const [{ startControlPlane }, { startToTell }, { endAllNow }] = await Promise.all([
      import('./start.ts'),
      import('./telemetry.ts'),
      import('./database/postgres-process.ts'),
    ]);
    const voice = await startToTell(config);
    const { log } = voice;
    const starting = startControlPlane(config, log, voice);
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
