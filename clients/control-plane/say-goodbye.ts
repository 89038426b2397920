import { call } from './call.ts';
import type { Lease } from './lease.ts';
import type { SessionOptions } from './session.ts';
import { requestTimeoutMs } from './timing.ts';

const longestMs = 3000;

/** Deregisters. Tries once: a process that is told to stop does not wait for a server. */
export async function sayGoodbye({ client, credential, log }: SessionOptions, lease: Lease, intervalS: number | undefined): Promise<void> {
  const params = { path: { gateway_id: lease.gatewayId }, query: { ...(lease.epoch !== undefined && { lease_epoch: lease.epoch }) } };
  const headers = { authorization: credential.header() };
  const send = (signal: AbortSignal) => client.deregisterGateway({ params, headers, signal, parseAs: 'text' });
  const outcome = await call(send, Math.min(longestMs, requestTimeoutMs(intervalS)), new AbortController().signal);
  if (!outcome.ok)
    log.info({ status: outcome.status, detail: outcome.detail }, 'The Control Plane did not hear the goodbye; the lease runs out by itself.');
}
