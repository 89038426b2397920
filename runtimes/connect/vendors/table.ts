import type { Proxies } from '@stoa/lib/proxies.ts';
import type { Secret } from '@stoa/lib/secret.ts';
import { createKongAdapter } from './kong/adapter.ts';
import type { AdapterOptions, GatewayAdapter } from '../engine/model.ts';

/** The third-party gateways that Connect knows, by what STOA_TARGET_GATEWAY_TYPE says. */
const adapters = {
  kong: createKongAdapter,
} as const satisfies Readonly<Record<string, (options: AdapterOptions) => GatewayAdapter>>;

type TargetGatewayType = keyof typeof adapters;
export const targetGatewayTypes = Object.keys(adapters) as [TargetGatewayType, ...TargetGatewayType[]];

type Target = Proxies & {
  readonly targetGatewayType: TargetGatewayType;
  readonly targetGatewayUrl: string;
  readonly targetGatewayToken: Secret | undefined;
  readonly targetGatewayTokenHeader: string;
};

/** The adapter to the gateway that the settings name. */
export function createAdapter(settings: Target, nowMs?: () => number): GatewayAdapter {
  const { targetGatewayUrl: url, targetGatewayToken: value, targetGatewayTokenHeader: header } = settings;
  const create: (options: AdapterOptions) => GatewayAdapter = adapters[settings.targetGatewayType];
  return create({ url, proxies: settings, ...(value !== undefined && { credential: { header, value } }), ...(nowMs && { nowMs }) });
}
