import type { Gateway, GatewayConfig, HeartbeatReply, RegisterReply } from '@stoa/generated/schemas.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { sweep, sweepLock } from '../fleet/sweeper.ts';
import type { Answer, TestControlPlane } from './test-control-plane.ts';

export const registration = (instanceName: string, more: Record<string, unknown> = {}) => ({
  instance_name: instanceName,
  gateway_mode: 'edge_mcp',
  version: '1.0.0',
  features: ['mcp', 'subscriptions', 'plans'],
  environment: 'production',
  ...more,
});
export const beat = (more: Record<string, unknown> = {}) => ({ status: 'healthy', uptime_s: 1, metrics: { requests_total: 1 }, ...more });

/** What runtimes ask of a Control Plane, with one gateway key. */
export function asGateway(plane: TestControlPlane, token: string) {
  const internal = '/v1/internal/gateways';
  const config = <Body = Record<string, unknown>>(gatewayId: string, options: { query?: string; etag?: string | null } = {}): Promise<Answer<Body>> =>
    plane.request('GET', `${internal}/${gatewayId}/config${options.query ?? ''}`, {
      token,
      ...(options.etag ? { headers: { 'If-None-Match': options.etag } } : {}),
    });
  return {
    token,
    register: (instanceName: string, more: Record<string, unknown> = {}): Promise<Answer<RegisterReply>> =>
      plane.request('POST', `${internal}/register`, { token, body: registration(instanceName, more) }),
    heartbeat: (gatewayId: string, more: Record<string, unknown> = {}): Promise<Answer<HeartbeatReply>> =>
      plane.request('POST', `${internal}/${gatewayId}/heartbeat`, { token, body: beat(more) }),
    deregister: (gatewayId: string, query = '') => plane.request('DELETE', `${internal}/${gatewayId}${query}`, { token }),
    config,
    /** What its configuration holds. */
    items: async (gatewayId: string) => (await config<GatewayConfig>(gatewayId)).body.items,
    ack: (gatewayId: string, body: Record<string, unknown>) =>
      plane.request('POST', `${internal}/${gatewayId}/config/ack`, { token, body: { state: 'applied', items: [], ...body } }),
    observe: (gatewayId: string, body: Record<string, unknown>) =>
      plane.request('PUT', `${internal}/${gatewayId}/observed`, { token, body: { apis: [], drift: [], ...body } }),
    reportUsage: (gatewayId: string, body: Record<string, unknown>): Promise<Answer<{ duplicate: boolean }>> =>
      plane.request('POST', `${internal}/${gatewayId}/usage`, { token, body: { records: [], ...body } }),
  };
}

export const getGateway = async (plane: TestControlPlane, gatewayId: string): Promise<Gateway> =>
  (await plane.request<Gateway>('GET', `/v1/gateways/${gatewayId}`)).body;

/** A sweep at this moment, beside no other. */
export const sweepNow = (plane: TestControlPlane) =>
  inTransaction(plane.context.db.pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [sweepLock]);
    return sweep(client);
  });
