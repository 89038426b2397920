import type { SettingsOf, SettingsTable } from '@stoa/lib/settings.ts';
import type { Capabilities } from '../engine/capabilities.ts';
import type { AdapterOptions, GatewayAdapter } from '../engine/model.ts';

/** What an adapter is made from: what all are, and the settings of its own vendor. */
export type VendorOptions<S extends SettingsTable = SettingsTable> = AdapterOptions & { readonly settings: SettingsOf<S> };

/** One line of the table of vendors: all that Connect knows of a vendor before it works for it. */
export type Vendor<S extends SettingsTable = SettingsTable> = {
  readonly capabilities: Capabilities;
  /** Settings that no other vendor has. Their keys begin with the vendor's name, and none has a default: one that is set for another vendor stops the start. */
  readonly settings: S;
  /** The header that its admin API reads a credential from; `Authorization` when absent. */
  readonly tokenHeader?: string;
  /** Those of them that it cannot do without. */
  readonly requires?: readonly (keyof S & string)[];
  /** The adapter's code, which is loaded for the vendor that is worked for and for no other. */
  load(): Promise<(options: VendorOptions<S>) => GatewayAdapter>;
};
