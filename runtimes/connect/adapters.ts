import type { Secret } from '@stoa/lib/secret.ts';
import { createKongAdapter } from './kong/adapter.ts';
import type { GatewayAdapter } from './model.ts';

export type AdapterOptions = {
  /** Base address of the gateway's admin API, without trailing slash. */
  readonly url: string;
  readonly credential?: { readonly header: string; readonly value: Secret };
};

/** The third-party gateways that Connect knows, by what STOA_TARGET_GATEWAY_TYPE says. */
export const adapters = {
  kong: createKongAdapter,
} as const satisfies Readonly<Record<string, (options: AdapterOptions) => GatewayAdapter>>;

export type TargetGatewayType = keyof typeof adapters;
export const targetGatewayTypes = Object.keys(adapters) as [TargetGatewayType, ...TargetGatewayType[]];

type Target = {
  readonly targetGatewayType: TargetGatewayType;
  readonly targetGatewayUrl: string;
  readonly targetGatewayToken: Secret | undefined;
  readonly targetGatewayTokenHeader: string;
};

/** The adapter to the gateway that the settings name. */
export function createAdapter(settings: Target): GatewayAdapter {
  const { targetGatewayUrl: url, targetGatewayToken: value, targetGatewayTokenHeader: header } = settings;
  return adapters[settings.targetGatewayType]({ url, ...(value !== undefined && { credential: { header, value } }) });
}
