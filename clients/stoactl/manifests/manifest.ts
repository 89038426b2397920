import type { components } from '@stoa/generated/manifests.types.ts';

type Schemas = components['schemas'];
export type TeamManifest = Schemas['TeamManifest'];
export type ApiManifest = Schemas['ApiManifest'];
export type PolicyManifest = Schemas['PolicyManifest'];
export type ConsumerManifest = Schemas['ConsumerManifest'];
export type PlanManifest = Schemas['PlanManifest'];
export type TrustedIssuerManifest = Schemas['TrustedIssuerManifest'];
export type McpServerManifest = Schemas['McpServerManifest'];
export type ToolSetManifest = Schemas['ToolSetManifest'];
export type SubscriptionManifest = Schemas['SubscriptionManifest'];
export type DeploymentManifest = Schemas['DeploymentManifest'];
export type GatewayKeyManifest = Schemas['GatewayKeyManifest'];
export type PlatformManifest =
  | TeamManifest
  | ApiManifest
  | PolicyManifest
  | ConsumerManifest
  | PlanManifest
  | TrustedIssuerManifest
  | McpServerManifest
  | ToolSetManifest
  | SubscriptionManifest
  | DeploymentManifest
  | GatewayKeyManifest;
export type ManifestKind = PlatformManifest['kind'];
export type SecretSource = Schemas['SecretSource'];

/** What others refer to comes first; what goes, goes in the reverse of it. */
export const manifestKinds = [
  'Team',
  'Consumer',
  'Api',
  'McpServer',
  'ToolSet',
  'Policy',
  'Plan',
  'TrustedIssuer',
  'GatewayKey',
  'Subscription',
  'Deployment',
] as const satisfies readonly ManifestKind[];

export const apiVersion = 'stoa.dev/v1';

/** What a manifest is called. */
export const nameOf = (manifest: PlatformManifest): string =>
  manifest.kind === 'Subscription' ? subscriptionName(manifest.spec) : manifest.metadata.name;

/** As the list of subscriptions calls it. */
export const subscriptionName = ({ consumer, api, plan, mcp_server: server, tool_set: set }: SubscriptionManifest['spec']): string => {
  if (set !== undefined) return `${consumer}/tool-set/${set}`;
  if (server !== undefined) return `${consumer}/mcp-server/${server}`;
  return plan === undefined ? `${consumer}/${api}` : `${consumer}/plan/${plan}`;
};

export const idOf = (manifest: PlatformManifest): string => `${manifest.kind}/${nameOf(manifest)}`;

/** A manifest with the place that it was read from. */
export type Sourced = {
  readonly manifest: PlatformManifest;
  /** The folder that its references begin at. */
  readonly folder: string;
  /** `file:line` of a member, such as `spec.document`, or of the document. */
  at(path?: readonly (string | number)[]): string;
};
