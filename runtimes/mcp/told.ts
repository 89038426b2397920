import { createLogger } from '@stoa/lib/log.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Telemetry } from '@stoa/lib/telemetry/model.ts';
import { startTelemetry } from '@stoa/lib/telemetry/start.ts';
import type { Tally } from './metering/tally.ts';
import type { RuntimeOptions } from './runtime-options.ts';

/** How one thread tells what it does: to its log, and, where that is switched on, to a collector, its log too. */
export type Told = { readonly log: Logger; readonly telemetry: Telemetry | undefined };

/** `worker` is the number of a thread among several: each is an instance of its own to a collector, which adds up what they tell. */
export async function startTelling({ settings, program, log: given }: RuntimeOptions, tally: Tally, worker?: number): Promise<Told> {
  const telemetry = await startTelemetry({
    settings,
    proxies: settings,
    program,
    instance: worker === undefined ? settings.instanceName : `${settings.instanceName}/${worker}`,
    scheme: settings.tlsCertFile === undefined ? 'http' : 'https',
    dropped: (signal, count) => tally.addDroppedTelemetry(signal, count),
    say: (fields, message) => log.warn(fields, message),
  });
  const made = given ?? createLogger({ program, level: settings.logLevel, also: telemetry?.takeLogLine });
  const log = worker === undefined ? made : made.child({ worker });
  return { log, telemetry };
}
