import type { Vendor } from '../vendor.ts';
import { webmethodsCapabilities } from './capabilities.ts';
import { webmethodsSettings } from './settings.ts';

export const webmethods: Vendor<typeof webmethodsSettings> = {
  capabilities: webmethodsCapabilities,
  settings: webmethodsSettings,
  load: async () => (await import('./adapter.ts')).createWebmethodsAdapter,
};
