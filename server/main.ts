import { createLogger } from '@stoa/lib/log.ts';
import { onShutdown } from '@stoa/lib/listen.ts';
import { runMain } from '@stoa/lib/settings.ts';
import { settings } from './config.ts';
import { endAllNow } from './database/postgres-process.ts';
import { startControlPlane } from './start.ts';

await runMain(async () => {
  const config = settings.load();
  const log = createLogger({ program: 'stoa-control-plane', level: config.logLevel });
  const starting = startControlPlane(config, log);
  // A start that fails is told below. One that is interrupted is stopped as soon as it is complete.
  const stopped = starting.then(
    ({ stop }) => stop,
    () => () => {},
  );
  onShutdown(async () => (await stopped)(), { force: endAllNow });
  const { url, mintedAdministrator } = await starting;
  if (mintedAdministrator) console.log(`The first administrator's token is kept in ${mintedAdministrator.file}`);
  console.log(`STOA Control Plane listens on ${url}`);
  log.info({ url }, 'The Control Plane is ready.');
});
