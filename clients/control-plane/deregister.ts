import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { call } from './call.ts';
import type { Credential } from './credential.ts';
import type { Lease } from './lease.ts';
import { requestTimeoutMs } from './timing.ts';

type DeregisterOptions = { client: ControlPlaneClient; credential: Credential; log: Logger };

const longestMs = 3000;

/** Gives the lease back. Tries once: a process that is told to stop does not wait for a server. */
export async function deregister({ client, credential, log }: DeregisterOptions, lease: Lease, intervalS: number | undefined): Promise<void> {
  const params = { path: { gateway_id: lease.gatewayId }, query: { ...(lease.epoch !== undefined && { lease_epoch: lease.epoch }) } };
  const headers = { authorization: credential.header() };
  const send = (signal: AbortSignal) => client.deregisterGateway({ params, headers, signal, parseAs: 'text' });
  const outcome = await call(send, Math.min(longestMs, requestTimeoutMs(intervalS)), new AbortController().signal);
  if (!outcome.ok) log.info({ status: outcome.status, detail: outcome.detail }, 'Deregistration was not confirmed; the lease runs out by itself.');
}
