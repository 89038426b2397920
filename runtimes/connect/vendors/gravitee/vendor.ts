import type { Vendor } from '../vendor.ts';
import { graviteeCapabilities } from './capabilities.ts';
import { graviteeSettings } from './settings.ts';

export const gravitee: Vendor<typeof graviteeSettings> = {
  capabilities: graviteeCapabilities,
  settings: graviteeSettings,
  load: async () => (await import('./adapter.ts')).createGraviteeAdapter,
};
