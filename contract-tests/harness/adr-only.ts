import { randomUUID } from 'node:crypto';
import type { Answering } from './model.ts';

const unknownPath: Answering = () => ({ status: 404, headers: { 'content-type': 'text/html' }, body: 'Not Found' });

/** A server written from ADR-057 and nothing else: two calls, no lease, no epoch, an empty answer to a heartbeat, its framework's own 404. */
export function adrOnlyAnswers(intervalS: number): Readonly<Record<string, Answering>> {
  const ids = new Map<string, string>();
  return {
    registerGateway({ body }) {
      const { instance_name } = body as { instance_name: string };
      const id = ids.get(instance_name) ?? randomUUID();
      ids.set(instance_name, id);
      return { status: 200, headers: { 'content-type': 'application/json' }, body: { gateway_id: id, heartbeat_interval_s: intervalS } };
    },
    heartbeat: (call) =>
      [...ids.values()].includes(call.path['gateway_id'] ?? '') ? { status: 200, headers: {}, body: undefined } : unknownPath(call),
    getGatewayConfig: unknownPath,
    ackGatewayConfig: unknownPath,
    reportObservedState: unknownPath,
    reportUsage: unknownPath,
    deregisterGateway: unknownPath,
  };
}
