import type { HeartbeatConfig, HeartbeatRequest, RegisterRequest } from '@stoa/generated/schemas.ts';
import type { Lease } from './lease.ts';
import type { ControlPlaneConnectionOptions, InstanceReport } from './types.ts';

/** `lean` leaves out what can be left out, for a server that refuses the content. */
export function registerRequest(instance: ControlPlaneConnectionOptions['instance'], bootId: string, lean: boolean): RegisterRequest {
  const { labels, endpoints, target_gateway, ...required } = instance;
  const extras = { ...(labels && { labels }), ...(endpoints && { endpoints }), ...(target_gateway && { target_gateway }) };
  return { ...required, boot_id: bootId, ...(lean ? {} : extras) };
}

export function heartbeatRequest(
  { status, metrics }: InstanceReport,
  { lease, seq, config, lean }: { lease: Lease; seq: number; config: HeartbeatConfig; lean: boolean },
): HeartbeatRequest {
  // JSON has no NaN: it would arrive as null and the whole heartbeat be refused.
  const finite = Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));
  return {
    status,
    uptime_s: Math.floor(process.uptime()),
    metrics: lean ? {} : finite,
    ...(lease.epoch !== undefined && { lease_epoch: lease.epoch }),
    seq,
    config,
  };
}
