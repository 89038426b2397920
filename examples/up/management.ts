import { isDeepStrictEqual } from 'node:util';
import type {
  Api,
  ApiRequest,
  Approval,
  Consumer,
  Deployment,
  GatewayModes,
  GatewayKey,
  ConsumerKey,
  DeploymentRequest,
  McpServer,
  McpServerRequest,
  OperatorToken,
  Policy,
  PolicyRequest,
  SubscriptionRequest,
  ToolSet,
  ToolSetRequest,
  TrustedIssuer,
  TrustedIssuerRequest,
} from '@stoa/generated/schemas.ts';
import { createControlPlaneClient } from '@stoa/generated/client.ts';
import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import { ExpectedError } from '@stoa/lib/settings.ts';

/** What is made at the first start and found again at every later one. */
export class Management {
  readonly #client: ControlPlaneClient;

  constructor(baseUrl: string, adminToken: string) {
    this.#client = createControlPlaneClient({ baseUrl, headers: { authorization: `Bearer ${adminToken}` } });
  }

  async api(wanted: ApiRequest & { name: string }): Promise<Api> {
    const [found] = must(await this.#client.listApis({ params: { query: { name: wanted.name } } })).items;
    if (!found) return must(await this.#client.createApi({ body: wanted }));
    const present = must(await this.#client.getApi({ params: { path: { api_id: found.api_id } } }));
    const isSame =
      isDeepStrictEqual(present.document, wanted.document) &&
      isDeepStrictEqual(present.operations_filter, wanted.operations) &&
      (wanted.upstream_url === undefined || present.upstream_url === wanted.upstream_url);
    return isSame ? present : must(await this.#client.updateApi({ params: { path: { api_id: found.api_id } }, body: wanted }));
  }

  async policy(wanted: PolicyRequest): Promise<Policy> {
    const found = must(await this.#client.listPolicies({ params: { query: { limit: 500 } } })).items.find((policy) => policy.name === wanted.name);
    return found ?? must(await this.#client.createPolicy({ body: wanted }));
  }

  async trustedIssuer(wanted: TrustedIssuerRequest): Promise<TrustedIssuer> {
    const found = must(await this.#client.listTrustedIssuers({ params: { query: { limit: 500 } } })).items.find(({ name }) => name === wanted.name);
    if (!found) return must(await this.#client.createTrustedIssuer({ body: wanted }));
    if (isDeepStrictEqual(found.rules, wanted.rules)) return found;
    const path = { trusted_issuer_id: found.trusted_issuer_id };
    return must(await this.#client.updateTrustedIssuer({ params: { path }, body: wanted }));
  }

  async deployment(wanted: DeploymentRequest): Promise<Deployment> {
    const { items } = must(await this.#client.listDeployments({ params: { query: { api_id: wanted.api_id } } }));
    const found = items.find(({ targets }) => isDeepStrictEqual(targets, wanted.targets));
    if (found) return found;
    const made = must(await this.#client.createDeployment({ body: wanted }));
    return 'deployment' in made ? made.deployment : made;
  }

  /** A consumer's key: the one at hand while it is good, or else a new one. */
  async consumerKey(name: string, atHand: string | undefined): Promise<string> {
    const [found] = must(await this.#client.listConsumers({ params: { query: { name } } })).items;
    const { consumer_id }: Consumer = found ?? must(await this.#client.createConsumer({ body: { name } }));
    const path = { consumer_id };
    const { items } = must(await this.#client.listConsumerKeys({ params: { path, query: { limit: 500 } } }));
    if (atHand !== undefined && isGood(items, atHand)) return atHand;
    return must(await this.#client.createConsumerKey({ params: { path }, body: {} })).secret;
  }

  async mcpServer(wanted: McpServerRequest): Promise<McpServer> {
    const { items } = must(await this.#client.listMcpServers({ params: { query: { limit: 500 } } }));
    const found = items.find(({ name }) => name === wanted.name);
    if (!found) return must(await this.#client.createMcpServer({ body: wanted }));
    if (found.http?.url === wanted.http?.url && isDeepStrictEqual(found.targets, wanted.targets)) return found;
    return must(await this.#client.updateMcpServer({ params: { path: { mcp_server_id: found.mcp_server_id } }, body: wanted }));
  }

  async toolSet(wanted: ToolSetRequest): Promise<ToolSet> {
    const { items } = must(await this.#client.listToolSets({ params: { query: { limit: 500 } } }));
    const found = items.find(({ name }) => name === wanted.name);
    return found ?? must(await this.#client.createToolSet({ body: wanted }));
  }

  async mcpServerStates(mcpServerId: string): Promise<NonNullable<McpServer['gateways']>> {
    return must(await this.#client.getMcpServer({ params: { path: { mcp_server_id: mcpServerId } } })).gateways ?? [];
  }

  /** Lets a consumer call an API. */
  subscription = (apiId: string, consumerName: string): Promise<void> => this.#subscribe({ api_id: apiId, consumer_name: consumerName });

  /** Lets a consumer use an MCP server. */
  mcpSubscription = (mcpServerId: string, consumerName: string): Promise<void> =>
    this.#subscribe({ mcp_server_id: mcpServerId, consumer_name: consumerName });

  /** Lets a consumer use a tool set. */
  toolSetSubscription = (toolSetId: string, consumerName: string): Promise<void> =>
    this.#subscribe({ tool_set_id: toolSetId, consumer_name: consumerName });

  async #subscribe(body: SubscriptionRequest): Promise<void> {
    const { response, error } = await this.#client.createSubscription({ body });
    if (!response.ok && response.status !== 409) throw new ExpectedError(`${response.url} answered ${response.status}: ${JSON.stringify(error)}`);
  }

  /** A gateway key for any environment and mode: the one at hand while it is good, or else a new one. */
  async gatewayKey(name: string, atHand: string | undefined): Promise<string> {
    const { items } = must(await this.#client.listGatewayKeys({ params: { query: { limit: 500 } } }));
    if (atHand !== undefined && isGood(items, atHand)) return atHand;
    return must(await this.#client.createGatewayKey({ body: { name } })).secret;
  }

  async viewerToken(name: string, atHand: string | undefined): Promise<string> {
    const { items } = must(await this.#client.listOperatorTokens({ params: { query: { limit: 500 } } }));
    if (atHand !== undefined && isGood(items, atHand)) return atHand;
    return must(await this.#client.createOperatorToken({ body: { name, role: 'viewer' } })).secret;
  }

  async signInLink(): Promise<string> {
    return must(await this.#client.createSignInLink()).url;
  }

  async modes(): Promise<GatewayModes> {
    return must(await this.#client.getGatewayModes());
  }

  async deploymentStates(deploymentId: string): Promise<NonNullable<Deployment['gateways']>> {
    return must(await this.#client.getDeployment({ params: { path: { deployment_id: deploymentId } } })).gateways ?? [];
  }
}

function isGood(keys: (GatewayKey | ConsumerKey | OperatorToken)[], secret: string): boolean {
  return keys.some((key) => secret.startsWith(key.hint) && key.revoked_at === undefined);
}

function must<T>(result: { data?: T; error?: unknown; response: Response }): Exclude<T, Approval> {
  if (result.data === undefined || result.response.status === 202)
    throw new ExpectedError(`${result.response.url} answered ${result.response.status}: ${JSON.stringify(result.error ?? result.data)}`);
  return result.data as Exclude<T, Approval>;
}
