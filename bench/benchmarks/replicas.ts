import { compare } from '../report/result.ts';
import type { Row } from '../report/result.ts';
import type { Bench } from '../system/bench.ts';
import { startItemsSystem, startUpstream } from '../system/items-system.ts';
import { throughput } from './throughput.ts';

const connections = 32;

/**
 * Two Gateway processes against one. A Gateway has no worker processes of its own: each would count limits by itself, so that two of them
 * would let twice the limit pass. What scales is replicas, which is what is measured.
 */
export async function replicas(bench: Bench): Promise<Row[]> {
  const upstreamUrl = await startUpstream(bench);
  const system = await startItemsSystem(bench, upstreamUrl);
  const first = await system.startGateway('gateway-1');
  const second = await system.startGateway('gateway-2', bench.plan.cores?.store);
  const one = first.workload();
  const two = { ...one, urls: [...one.urls, ...second.workload().urls] };
  const measured = await throughput(bench, {
    'two gateways': { connections, workload: two },
    'one gateway': { connections, workload: one },
  });
  const row = { metric: 'Two Gateway replicas (processes on two ports) against one', unit: '/s', peer: 'one Gateway process', atLeast: 1.8 };
  return [compare(row, measured['two gateways'], measured['one gateway'])];
}
