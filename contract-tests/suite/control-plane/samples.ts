import { randomUUID } from 'node:crypto';
import type { Gateway, RegisterReply } from '@stoa/generated/schemas.ts';
import type { Answer, CallOptions, ControlPlane } from '../../subjects/over-http.ts';

export const newName = (): string => `instance-${randomUUID()}`;

/** The five fields of ADR-057, with what a case is about given by it. */
export function registration(given: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    instance_name: newName(),
    gateway_mode: 'edge_mcp',
    version: '0.12.0',
    features: ['mcp', 'subscriptions', 'plans'],
    environment: 'production',
    ...given,
  };
}

/** The three fields of ADR-057. */
export function beat(given: Record<string, unknown> = {}): Record<string, unknown> {
  return { status: 'healthy', uptime_s: 3600, metrics: { requests_total: 1234 }, ...given };
}

/** Registers, with a boot of its own unless told otherwise. */
export async function register(
  controlPlane: ControlPlane,
  given: Record<string, unknown> = {},
  options: CallOptions = {},
): Promise<RegisterReply & { name: string }> {
  const body = registration({ boot_id: randomUUID(), ...given });
  const { body: reply } = await controlPlane.call<RegisterReply>('registerGateway', { ...options, body });
  return { ...reply, name: String(body['instance_name']) };
}

export async function gatewayPage(controlPlane: ControlPlane, gatewayId: string): Promise<Gateway> {
  return (await controlPlane.call<Gateway>('getGateway', { path: { gateway_id: gatewayId } })).body;
}

/** The calls that follow registration, each with a body that is right for the gateway and the epoch. */
export const callsOfAnInstance: Readonly<
  Record<string, (controlPlane: ControlPlane, gatewayId: string, epoch: number | undefined, token?: string | null) => Promise<Answer>>
> = {
  heartbeat: (controlPlane, id, epoch, token) => controlPlane.call('heartbeat', { ...to(id, token), body: beat(epochIn(epoch)) }),
  ackGatewayConfig: async (controlPlane, id, epoch, token) => {
    const { status, body } = await controlPlane.call('getGatewayConfig', to(id, undefined));
    const { generation, hash } = status === 200 ? body : { generation: 0, hash: '' };
    return controlPlane.call('ackGatewayConfig', { ...to(id, token), body: { ...epochIn(epoch), generation, hash, state: 'applied', items: [] } });
  },
  reportObservedState: (controlPlane, id, epoch, token) =>
    controlPlane.call('reportObservedState', { ...to(id, token), body: { ...epochIn(epoch), apis: [], drift: [] } }),
  reportUsage: (controlPlane, id, epoch, token) =>
    controlPlane.call('reportUsage', { ...to(id, token), body: { ...epochIn(epoch), boot_id: randomUUID(), seq: 0, records: [] } }),
  takeDryRun: (controlPlane, id, epoch, token) => controlPlane.call('takeDryRun', { ...to(id, token), query: epochIn(epoch) }),
  answerDryRun: (controlPlane, id, epoch, token) =>
    controlPlane.call('answerDryRun', {
      ...to(id, token),
      body: { ...epochIn(epoch), dry_run_id: randomUUID(), state: 'applied', items: [], writes: [] },
    }),
  askCallApproval: async (controlPlane, id, epoch, token) => {
    if (!controlPlane.hasOperator)
      return controlPlane.call('askCallApproval', { ...to(id, token), body: { ...epochIn(epoch), ...callOf(randomUUID(), randomUUID()) } });
    const document = { openapi: '3.1.0', info: { title: 'Pets', version: '1' }, servers: [{ url: 'http://127.0.0.1:9' }], paths: {} };
    const { api_id } = (await controlPlane.call<{ api_id: string }>('createApi', { body: { name: `pets-${randomUUID()}`, document } })).body;
    const { body } = await controlPlane.call<{ consumer_id: string }>('createConsumer', { body: { name: `agent-${randomUUID()}` } });
    return controlPlane.call('askCallApproval', { ...to(id, token), body: { ...epochIn(epoch), ...callOf(api_id, body.consumer_id) } });
  },
  // Last, for what it does to the gateway.
  deregisterGateway: (controlPlane, id, epoch, token) => controlPlane.call('deregisterGateway', { ...to(id, token), query: epochIn(epoch) }),
};

/** A call that waits for a person, as a runtime asks about it. */
export const callOf = (api_id: string, consumer_id: string) => ({
  claim_id: randomUUID(),
  policy: 'a-person-says-yes',
  api_id,
  operation_id: 'deletePet',
  tool: 'pets_deletePet',
  method: 'DELETE',
  path: '/pets/{id}',
  consumer_id,
  arguments: { id: 7 },
  arguments_hash: `sha256:${'0'.repeat(64)}`,
  wait_s: 3600,
  valid_s: 900,
});

/** The same, and the one that reads: it is not fenced, since a reader does no harm. */
export const everyCallOfAnInstance: typeof callsOfAnInstance = {
  getGatewayConfig: (controlPlane, id, _epoch, token) => controlPlane.call('getGatewayConfig', to(id, token)),
  ...callsOfAnInstance,
};

const to = (gatewayId: string, token: string | null | undefined): CallOptions => ({
  path: { gateway_id: gatewayId },
  ...(token !== undefined && { token }),
});
const epochIn = (epoch: number | undefined): { lease_epoch?: number } => (epoch === undefined ? {} : { lease_epoch: epoch });
