import type { Vendor } from '../vendor.ts';
import { caddyCapabilities } from './capabilities.ts';
import { caddySettings } from './settings.ts';

export const caddy: Vendor<typeof caddySettings> = {
  capabilities: caddyCapabilities,
  settings: caddySettings,
  load: async () => (await import('./adapter.ts')).createCaddyAdapter,
};
