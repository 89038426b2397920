import type { Vendor } from '../vendor.ts';
import { kongCapabilities } from './capabilities.ts';
import { kongSettings } from './settings.ts';

export const kong: Vendor<typeof kongSettings> = {
  capabilities: kongCapabilities,
  settings: kongSettings,
  tokenHeader: 'Kong-Admin-Token',
  load: async () => (await import('./adapter.ts')).createKongAdapter,
};
