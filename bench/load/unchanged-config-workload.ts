import type { WorkloadSpec } from './job.ts';
import { RuntimeRequests } from './runtime-requests.ts';
import { wrongAnswer } from './workload.ts';
import type { Workload } from './workload.ts';

/** What ends a long poll in which nothing happened, without its wait: each connection asks for its share of the gateways, in turn. */
export function unchangedConfigWorkload(
  { urls, key, gatewayIds }: Extract<WorkloadSpec, { kind: 'unchanged-config' }>,
  connections: number,
): Workload {
  const requests = new RuntimeRequests(urls[0] as string, key);
  // Any configuration is the one that is held (RFC 9110 §13.1.2).
  const asked = gatewayIds.map((gatewayId) => requests.config({ gatewayId, leaseEpoch: 1 }, { waitS: 0, etag: '*' }));
  const turns = Array.from({ length: connections }, (_, connection) => connection - connections);
  return {
    next(connection) {
      const following = (turns[connection] as number) + connections;
      const gateway = following < gatewayIds.length ? following : connection;
      turns[connection] = gateway;
      return asked[gateway] as Buffer;
    },
    check(_connection, answer) {
      if (answer.status !== 304) throw wrongAnswer(answer, 'that the configuration is no other');
    },
  };
}
