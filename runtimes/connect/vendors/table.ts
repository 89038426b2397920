import type { Proxies } from '@stoa/lib/proxies.ts';
import type { Secret } from '@stoa/lib/secret.ts';
import type { GatewayAdapter } from '../engine/model.ts';
import { caddy } from './caddy/vendor.ts';
import { envoy } from './envoy/vendor.ts';
import { gravitee } from './gravitee/vendor.ts';
import { kong } from './kong/vendor.ts';
import { nginx } from './nginx/vendor.ts';
import type { Vendor } from './vendor.ts';
import { webmethods } from './webmethods/vendor.ts';

/** The third-party gateways that Connect knows, by what STOA_TARGET_GATEWAY_TYPE says. */
const table = { kong, gravitee, webmethods, caddy, nginx, envoy };

export type VendorName = keyof typeof table;
/** What is meant where nobody says which. */
export const usualVendor: VendorName = 'kong';
export const vendorNames = Object.keys(table) as [VendorName, ...VendorName[]];
/** Each vendor by its name. What its adapter is told are its own settings, whatever they are. */
export const vendors = table as unknown as Readonly<Record<VendorName, Vendor>>;

/** The settings of all vendors: a program has one table of them. */
export const vendorSettings = {
  ...kong.settings,
  ...gravitee.settings,
  ...webmethods.settings,
  ...caddy.settings,
  ...nginx.settings,
  ...envoy.settings,
};

type Target = Proxies & {
  readonly targetGatewayType: VendorName;
  readonly targetGatewayUrl: string;
  readonly targetGatewayToken: Secret | undefined;
  readonly targetGatewayTokenHeader: string | undefined;
  readonly targetGatewayCertFile?: string | undefined;
  readonly targetGatewayKeyFile?: string | undefined;
};

/** The adapter to the gateway that the settings name. */
export async function createAdapter(settings: Target, nowMs?: () => number): Promise<GatewayAdapter> {
  const { targetGatewayUrl: url, targetGatewayToken: value, targetGatewayTokenHeader } = settings;
  const vendor = vendors[settings.targetGatewayType];
  const header = targetGatewayTokenHeader ?? vendor.tokenHeader ?? 'Authorization';
  const all: Readonly<Record<string, unknown>> = { ...settings };
  const own = Object.fromEntries(Object.keys(vendor.settings).map((key) => [key, all[key]]));
  const create = await vendor.load();
  const { targetGatewayCertFile: certFile, targetGatewayKeyFile: keyFile } = settings;
  const clientCertificate = certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile };
  return create({
    url,
    proxies: settings,
    settings: own,
    clientCertificate,
    ...(value !== undefined && { credential: { header, value } }),
    ...(nowMs && { nowMs }),
  });
}

/** A setting of one vendor that is set for another is without effect, and who set it believes that it has one. */
export function strangerFault(settings: Pick<Target, 'targetGatewayType'>): string | undefined {
  const all: Readonly<Record<string, unknown>> = { ...settings };
  const { targetGatewayType: type } = settings;
  const strangers = Object.entries(vendors).flatMap(([name, vendor]) => (name === (type as string) ? [] : Object.keys(vendor.settings)));
  const [given] = strangers.filter((key) => all[key] !== undefined && !Object.hasOwn(vendors[type].settings, key));
  return given === undefined
    ? undefined
    : `${variableOf(given)} is not for a gateway of the type ${type}: remove it, or set STOA_TARGET_GATEWAY_TYPE.`;
}

/** What a vendor cannot do without. */
export function missingFault(settings: Pick<Target, 'targetGatewayType'>): string | undefined {
  const all: Readonly<Record<string, unknown>> = { ...settings };
  const { targetGatewayType: type } = settings;
  const missing = (vendors[type].requires ?? []).filter((key) => all[key] === undefined);
  return missing.length === 0 ? undefined : `${missing.map(variableOf).join(' and ')} must be set for a gateway of the type ${type}.`;
}

/** What a setting of any vendor takes, by its key in the configuration file; a secret by that of its file. Undefined for what is none. */
export function kindOfVendorSetting(fileKey: string): string | undefined {
  for (const [key, { secret, kind }] of Object.entries(vendorSettings)) {
    const own = variableOf(key).slice('STOA_'.length).toLowerCase();
    if (fileKey === (secret ? `${own}_file` : own)) return secret ? 'path' : kind;
  }
  return undefined;
}

const variableOf = (key: string): string => `STOA_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
