import type { RequestListener } from 'node:http';
import { hostname } from 'node:os';
import { createLogger } from '@stoa/lib/log.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Telemetry } from '@stoa/lib/telemetry/model.ts';
import { startTelemetry } from '@stoa/lib/telemetry/start.ts';
import type { Settings } from './config.ts';

const program = 'stoa-control-plane';

/** How the Control Plane tells what it does: to its log, and, where that is switched on, to a collector. */
export type ControlPlaneVoice = {
  readonly log: Logger;
  readonly telemetry: Telemetry | undefined;
  /** Spans and lines of the log that the collector did not take. */
  readonly dropped: Readonly<Record<'traces' | 'logs', number>>;
};

export async function startToTell(settings: Settings, given?: Logger): Promise<ControlPlaneVoice> {
  const dropped = { traces: 0, logs: 0 };
  const telemetry = await startTelemetry({
    settings,
    proxies: settings,
    program,
    instance: `${hostname()}/${process.pid}`,
    scheme: settings.tlsCertFile === undefined ? 'http' : 'https',
    dropped: (signal, count) => (dropped[signal] += count),
    say: (fields, message) => log.warn(fields, message),
  });
  const log = given ?? createLogger({ program, level: settings.logLevel, also: telemetry?.takeLogLine });
  return { log, telemetry, dropped };
}

const untold: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz', '/metrics']);

/** The same listener, whose requests are told of, but for those of probes. */
export function observing(telemetry: Telemetry | undefined, listener: RequestListener): RequestListener {
  if (telemetry === undefined) return listener;
  return (request, response) => {
    if (!untold.has(request.url)) telemetry.observe(request, response);
    listener(request, response);
  };
}
