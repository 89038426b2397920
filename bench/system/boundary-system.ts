import { join } from 'node:path';
import { TestIssuer } from '@stoa/mcp/testing/issuer.ts';
import type { WorkloadSpec } from '../load/job.ts';
import { itemsDocument } from '../subjects/items.ts';
import type { Bench } from './bench.ts';
import { builtProgram, must, startControlPlane } from './control-plane.ts';
import { firstTool, startGateway } from './gateway.ts';
import { answers, freePort } from './processes.ts';

export const audience = 'https://items.example.com';
const azp = 'bench-client';
/** A limit that is counted with every call and met by none. */
const hugeLimit = 1_000_000_000;
const policyCount = 100;

type ToolsCall = Extract<WorkloadSpec, { kind: 'tools-call' }>;
type Rest = Extract<WorkloadSpec, { kind: 'rest' }>;

export type Boundary = {
  readonly issuer: TestIssuer;
  /** A token of ES256 that is good for as long as any benchmark runs. */
  readonly token: string;
  /** As many tokens of RS256, each another one. */
  freshTokens(count: number): Promise<string[]>;
  /** `dist` is the build whose program it is. */
  startGateway(
    name: string,
    given?: { env?: Record<string, string>; dist?: string },
  ): Promise<{ pids: number[]; url: string; call: ToolsCall; rest: Rest }>;
  startLink(name: string): Promise<{ pids: number[]; url: string; port: number; grpcPort: number }>;
};

export type BoundaryOptions = {
  /** Has two of the five policies look at the arguments and the claims of each call. */
  readonly byCall?: boolean;
  /** Of the plan; one that is counted with every call and met by none when absent. */
  readonly limit?: { readonly limit: number; readonly window_s: number };
  /** To tell several of one run apart. */
  readonly name?: string;
};

/**
 * A Control Plane that has the items API deployed as a bank would: callers by token, a subscription to a plan with a limit, 100 Cedar policies of which five are about the
 * tool, and metering.
 */
export async function startBoundary(
  bench: Bench,
  upstreamUrl: string,
  { byCall = false, limit: atMost = { limit: hugeLimit, window_s: 60 }, name = 'boundary' }: BoundaryOptions = {},
): Promise<Boundary> {
  const issuer = new TestIssuer();
  await issuer.listen();
  bench.atEnd(() => issuer.close());
  await issuer.addKey('RS256', 'rs');
  const signing = await issuer.addKey('ES256', 'es');
  const controlPlane = await startControlPlane(bench, { name: `control-plane-of-${name}` });
  const { client } = controlPlane;
  const api = must(await client.createApi({ body: { name: 'items', document: itemsDocument(upstreamUrl), upstream_url: upstreamUrl } }));
  const attached_to = [{ api_id: api.api_id }];
  for (let at = 0; at < policyCount; at += 1)
    must(
      await client.createPolicy({
        body: { name: `access-${at}`, policy: { kind: 'tool_access', config: { cedar: cedarText(at, byCall) } }, attached_to },
      }),
    );
  const limit = must(
    await client.createPolicy({
      body: { name: 'plan-limit', policy: { kind: 'rate_limit', config: atMost }, attached_to: [] },
    }),
  );
  const plan = must(await client.createPlan({ body: { name: 'gold', api_ids: [api.api_id], policy_ids: [limit.policy_id] } }));
  const { consumer_id } = must(await client.createConsumer({ body: { name: 'bench-agent', labels: { team: 'bench' } } }));
  must(await client.createSubscription({ body: { plan_id: plan.plan_id, consumer_id } }));
  const rules = { issuer: issuer.issuer, audiences: [audience], consumers: [{ claim: 'azp', value: azp, consumer: 'bench-agent' }] };
  must(await client.createTrustedIssuer({ body: { name: 'bench-issuer', rules } }));
  must(await client.createDeployment({ body: { api_id: api.api_id, targets: { environments: ['bench'] } } }));
  const exp = Math.floor(Date.now() / 1000) + 6 * 3600;
  const claims = { aud: audience, azp, exp, department: 'bench' };
  const token = await issuer.sign(claims, {}, signing);
  const headers = { authorization: `Bearer ${token}` };
  const isServed = async (url: string): Promise<void> => void (await firstTool(`${url}/mcp`, headers));
  return {
    issuer,
    token,
    freshTokens: (count) =>
      Promise.all(Array.from({ length: count }, (_, at) => issuer.sign({ ...claims, jti: `${at}-${performance.now()}` }, {}, issuer.keys[0]))),
    async startGateway(gateway, given = {}) {
      const { url, pid } = await startGateway(bench, controlPlane, { name: `${gateway}-of-${name}`, environment: 'bench', ...given });
      await isServed(url);
      const tool = await firstTool(`${url}/mcp`, headers);
      return {
        pids: [pid],
        url,
        call: { kind: 'tools-call', urls: [`${url}/mcp`], tool, revision: '2025-11-25', headers },
        rest: { kind: 'rest', urls: [`${url}/apis/items`], headers },
      };
    },
    async startLink(link) {
      const [port, grpcPort] = [await freePort(), await freePort()];
      const url = `http://127.0.0.1:${port}`;
      const { pid } = await bench.processes.start({
        name: `${link}-of-${name}`,
        ...builtProgram('stoa-link', bench.nodeArguments(link)),
        cores: bench.plan.cores?.subject,
        env: {
          STOA_CONTROL_PLANE_URL: controlPlane.url,
          STOA_GATEWAY_KEY: controlPlane.gatewayKey,
          STOA_ENVIRONMENT: 'bench',
          STOA_INSTANCE_NAME: link,
          STOA_LISTEN: `127.0.0.1:${port}`,
          STOA_GRPC_LISTEN: `127.0.0.1:${grpcPort}`,
          STOA_STATE_DIR: join(bench.dir, link),
        },
        isReady: () => answers(`${url}/healthz`),
      });
      await isServed(url);
      return { pids: [pid], url, port, grpcPort };
    },
  };
}

/** Five about the tool that is called, the others about tools that there are not. */
function cedarText(at: number, byCall: boolean): string {
  const tool = `Tool::"${at < 5 ? 'items_getItem' : `items_other${at}`}"`;
  if (at > 0 && byCall && at < 3)
    return `forbid(principal, action, resource == ${tool}) when { context.claims has suspended_${at} || context.arguments.item_id == "secret-${at}" };`;
  const label = `principal.labels has team && principal.labels.team == "${at === 0 ? 'bench' : `team-${at}`}"`;
  return `permit(principal, action, resource == ${tool}) when { ${label} };`;
}
