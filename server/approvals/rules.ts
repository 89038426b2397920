import type { OperationId } from '@stoa/generated/operations.ts';
import type {
  ApiPatch,
  ApprovableOperation,
  ConsumerPatch,
  ConsumerRequest,
  DeploymentPatch,
  DeploymentRequest,
  Environment,
  EnvironmentRequest,
  GatewayKeyRequest,
  McpServerRequest,
  PlanPatch,
  PolicyRequest,
  PromotionRequest,
} from '@stoa/generated/schemas.ts';
import { saysTheSame } from '../access/certificates.ts';
import type { ValidInput } from '../http/validate-request.ts';
import {
  reachOfApis,
  reachOfAttachments,
  reachOfConsumer,
  reachOfDeployment,
  reachOfGatewayKey,
  reachOfMcpServer,
  reachOfOpenApis,
  reachOfPlan,
  reachOfPolicy,
  reachOfTargets,
  together,
} from './reach.ts';
import type { Reach, TenantReading } from './reach.ts';

type Demanded = Environment['four_eyes'][number];
/** What an environment can demand a second person for, and that it no longer demands it. */
export type Demand = Demanded | 'issuers' | 'mcp_servers' | 'four_eyes';

/**
 * Each demand, and what an environment has said where it waits. An MCP server is exposed as a deployment exposes an API, and says itself who needs a subscription to it. Whoever may trust an issuer alone needs nobody's consent to a policy or a key: he signs tokens for whichever
 * consumer he likes.
 */
export const demandedBy: Readonly<Record<Demand, readonly Demanded[]>> = {
  deployments: ['deployments'],
  policies: ['policies'],
  reveals: ['reveals'],
  issuers: ['policies', 'reveals'],
  mcp_servers: ['deployments', 'policies'],
  four_eyes: ['deployments', 'policies', 'reveals'],
};

/** The names that lead to it; `json` where it is no text but a value. */
export type SecretPlace = readonly [outer: string, inner: string, form?: 'json'];

export type Rule = {
  readonly demand: Demand;
  /** The operation that reads what is changed, whose entity tag says later whether it was changed meanwhile. */
  readonly read?: OperationId;
  /** Where the body may hold a secret, by the names that lead there. */
  readonly secret?: SecretPlace;
  reach(reading: TenantReading, input: Asked): Promise<Reach>;
};
type Asked = { readonly path: Readonly<Record<string, string>>; readonly body: unknown };

const id = ({ path }: Asked, name: string): string => path[name] ?? '';

const ofMcpServer: SecretPlace = ['http', 'credentials', 'json'];

/** The operations that may wait for a second person. What each reaches decides whether it does. */
export const rules: Readonly<Record<ApprovableOperation, Rule>> = {
  createDeployment: {
    demand: 'deployments',
    reach: async (_reading, { body }) => reachOfTargets((body as DeploymentRequest).targets),
  },
  updateDeployment: {
    demand: 'deployments',
    read: 'getDeployment',
    reach: (reading, input) => {
      const { targets } = input.body as DeploymentPatch;
      return reachOfDeployment(reading, id(input, 'deployment_id'), ...(targets === undefined ? [] : [reachOfTargets(targets)]));
    },
  },
  deleteDeployment: {
    demand: 'deployments',
    read: 'getDeployment',
    reach: (reading, input) => reachOfDeployment(reading, id(input, 'deployment_id')),
  },
  promoteDeployment: {
    demand: 'deployments',
    read: 'getDeployment',
    reach: async (_reading, { body }) => [(body as PromotionRequest).environment],
  },
  deleteApi: { demand: 'deployments', read: 'getApi', reach: (reading, input) => reachOfApis(reading, [id(input, 'api_id')]) },
  editApi: {
    demand: 'policies',
    read: 'getApi',
    // To open an API takes a guard away. What makes a revision is the business of `requirePinned`.
    reach: async (reading, input) => ((input.body as ApiPatch).open_to_all_consumers === true ? reachOfApis(reading, [id(input, 'api_id')]) : []),
  },
  createPolicy: { demand: 'policies', reach: (reading, { body }) => reachOfAttachments(reading, (body as PolicyRequest).attached_to) },
  updatePolicy: {
    demand: 'policies',
    read: 'getPolicy',
    reach: async (reading, input) =>
      together(await reachOfPolicy(reading, id(input, 'policy_id')), await reachOfAttachments(reading, (input.body as PolicyRequest).attached_to)),
  },
  deletePolicy: { demand: 'policies', read: 'getPolicy', reach: (reading, input) => reachOfPolicy(reading, id(input, 'policy_id')) },
  editPlan: {
    demand: 'policies',
    read: 'getPlan',
    reach: (reading, input) => reachOfPlan(reading, id(input, 'plan_id'), (input.body as PlanPatch).api_ids),
  },
  deletePlan: { demand: 'policies', read: 'getPlan', reach: (reading, input) => reachOfPlan(reading, id(input, 'plan_id')) },
  createGatewayKey: {
    demand: 'reveals',
    reach: async (_reading, { body }) => {
      const { environments = [] } = body as GatewayKeyRequest;
      return environments.length === 0 ? 'all' : environments;
    },
  },
  rotateGatewayKey: { demand: 'reveals', reach: (reading, input) => reachOfGatewayKey(reading, id(input, 'key_id')) },
  createConsumerKey: { demand: 'reveals', reach: (reading, input) => reachOfConsumer(reading, id(input, 'consumer_id')) },
  rotateConsumerKey: { demand: 'reveals', reach: (reading, input) => reachOfConsumer(reading, id(input, 'consumer_id')) },
  createTrustedIssuer: { demand: 'issuers', secret: ['introspection', 'client_secret'], reach: async () => 'all' },
  updateTrustedIssuer: { demand: 'issuers', read: 'getTrustedIssuer', secret: ['introspection', 'client_secret'], reach: async () => 'all' },
  createMcpServer: {
    demand: 'mcp_servers',
    secret: ofMcpServer,
    reach: async (_reading, { body }) => reachOfTargets((body as McpServerRequest).targets),
  },
  updateMcpServer: {
    demand: 'mcp_servers',
    read: 'getMcpServer',
    secret: ofMcpServer,
    reach: (reading, input) => reachOfMcpServer(reading, id(input, 'mcp_server_id'), reachOfTargets((input.body as McpServerRequest).targets)),
  },
  deleteMcpServer: { demand: 'mcp_servers', read: 'getMcpServer', reach: (reading, input) => reachOfMcpServer(reading, id(input, 'mcp_server_id')) },
  // What was seen is named by its hash: whether it is still so is asked when it is done.
  approveMcpDefinitions: { demand: 'mcp_servers', reach: (reading, input) => reachOfMcpServer(reading, id(input, 'mcp_server_id')) },
  createConsumer: {
    demand: 'reveals',
    reach: async (reading, { body }) => ((body as ConsumerRequest).certificates?.length ? reachOfOpenApis(reading) : []),
  },
  editConsumer: {
    demand: 'reveals',
    // Whose certificates prove the consumer is decided as the handing out of a key is.
    reach: async (reading, input) => {
      const { certificates } = input.body as ConsumerPatch;
      const consumerId = id(input, 'consumer_id');
      if (certificates === undefined) return [];
      const { tx, tenantId } = reading;
      const present = await tx.consumer.findFirst({ where: { id: consumerId, tenant_id: tenantId }, select: { certificates: true } });
      return present === null || saysTheSame(present.certificates, certificates) ? [] : reachOfConsumer(reading, consumerId);
    },
  },
  setEnvironment: {
    demand: 'four_eyes',
    read: 'getEnvironment',
    reach: async ({ tx, tenantId }, input) => {
      const name = id(input, 'environment');
      const present = await tx.environment_setting.findUnique({ where: { tenant_id_environment: { tenant_id: tenantId, environment: name } } });
      const { four_eyes: wanted } = input.body as EnvironmentRequest;
      return present?.four_eyes.some((demand) => !wanted.some((each) => each === demand)) ? [name] : [];
    },
  },
};

export const ruleOf = (operation: OperationId): Rule | undefined => (rules as Readonly<Partial<Record<OperationId, Rule>>>)[operation];
export const askedOf = (input: ValidInput): Asked => ({ path: (input.path ?? {}) as Record<string, string>, body: input.body });
