import type { Proxies } from '../proxies.ts';
import type { TelemetrySettings } from './settings.ts';

export type TelemetryOptions = {
  readonly settings: TelemetrySettings;
  readonly proxies: Proxies;
  /** `service.name`, unless a setting says otherwise. */
  readonly program: string;
  /** `service.instance.id`: what of a program's instances and threads this is. */
  readonly instance: string;
  /** By which requests come in. */
  readonly scheme?: 'http' | 'https';
  /** Told of what was given up, because the collector is away, or slower than what there is to tell. */
  dropped(signal: 'traces' | 'logs', count: number): void;
  say(fields: object, message: string): void;
};
