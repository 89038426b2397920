import type { WorkloadSpec } from './job.ts';
import { encodeRequest, wrongAnswer } from './workload.ts';
import type { Workload } from './workload.ts';

/** The hash of a configuration, in the contract's form. */
const hash = `sha256:${'5f'.repeat(32)}`;

/** Heartbeats of a fleet: each connection speaks for its share of the gateways, in turn, so that no gateway has two under way. */
export function heartbeatWorkload({ urls, key, gatewayIds }: Extract<WorkloadSpec, { kind: 'heartbeat' }>, connections: number): Workload {
  const targets = gatewayIds.map((id) => new URL(`/v1/internal/gateways/${id}/heartbeat`, urls[0]));
  // Milliseconds since 1970: higher in every round, as long as a gateway beats less than once in a millisecond.
  const firstSeq = Date.now();
  const sent = gatewayIds.map(() => firstSeq);
  const acknowledged = gatewayIds.map(() => 0);
  // One step before the first of the connection's share.
  const turns = Array.from({ length: connections }, (_, connection) => connection - connections);
  const headers = { 'user-agent': 'stoa-bench/1', authorization: `Bearer ${key}` };
  return {
    acknowledged,
    next(connection) {
      const following = (turns[connection] as number) + connections;
      const gateway = following < gatewayIds.length ? following : connection;
      turns[connection] = gateway;
      const seq = (sent[gateway] as number) + 1;
      sent[gateway] = seq;
      const beats = seq - firstSeq;
      const body =
        `{"status":"healthy","uptime_s":${beats * 30},"metrics":{"requests_total":${beats * 1000},"tools":42,"apis":3,"streams":0,"memory_rss_bytes":94371840},` +
        `"lease_epoch":1,"seq":${seq},"config":{"generation":1,"hash":"${hash}","state":"applied"}}`;
      return encodeRequest('POST', targets[gateway] as URL, headers, body);
    },
    check(connection, answer) {
      const gateway = turns[connection] as number;
      const reply = answer.status === 200 ? (JSON.parse(answer.body.toString('utf8')) as Record<string, unknown>) : {};
      if (typeof reply['heartbeat_interval_s'] !== 'number' || reply['lease_epoch'] !== 1) throw wrongAnswer(answer, 'a heartbeat reply');
      acknowledged[gateway] = sent[gateway] as number;
    },
  };
}
