import type { Vendor } from '../vendor.ts';
import { nginxCapabilities } from './capabilities.ts';
import { nginxSettings } from './settings.ts';

export const nginx: Vendor<typeof nginxSettings> = {
  capabilities: nginxCapabilities,
  settings: nginxSettings,
  requires: ['nginxDir', 'nginxListen'],
  load: async () => (await import('./adapter.ts')).createNginxAdapter,
};
