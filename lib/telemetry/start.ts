import type { Telemetry } from './model.ts';
import type { TelemetryOptions } from './options.ts';
import { endpointsOf } from './settings.ts';

/** Undefined where it is switched off: nothing of OpenTelemetry is loaded then. */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry | undefined> {
  if (Object.keys(endpointsOf(options.settings)).length === 0) return undefined;
  const { createTelemetry } = await import('./sdk.ts');
  return createTelemetry(options);
}
