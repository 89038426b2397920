import type { Vendor } from '../vendor.ts';
import { envoyCapabilities } from './capabilities.ts';
import { envoySettings } from './settings.ts';

export const envoy: Vendor<typeof envoySettings> = {
  capabilities: envoyCapabilities,
  settings: envoySettings,
  requires: ['envoyDir', 'envoyListener'],
  load: async () => (await import('./adapter.ts')).createEnvoyAdapter,
};
