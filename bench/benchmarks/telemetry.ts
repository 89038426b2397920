import { compare, reasonOf, unmeasured } from '../report/result.ts';
import type { Row } from '../report/result.ts';
import type { Bench } from '../system/bench.ts';
import { startBoundary } from '../system/boundary-system.ts';
import { startSubject, startUpstream } from '../system/items-system.ts';
import { beforeTelemetry, buildOf } from '../system/past-build.ts';
import { throughput } from '../system/throughput.ts';
import type { Subject, Throughput } from '../system/throughput.ts';

const connections = 32;
const metric = 'Gateway tools/call by token, plan, 100 Cedar policies, limit, metering: processor time for an answer';
const offName = 'the same without telemetry';

/** What it costs to tell a collector of calls, and what to be able to. */
export async function telemetry(bench: Bench): Promise<Row[]> {
  const system = await startBoundary(bench, await startUpstream(bench), { byCall: false });
  const { url: collector } = await startSubject(bench, 'collector');
  const before = await buildOf(beforeTelemetry).catch(reasonOf);
  // What is not a folder is the reason why there is none.
  const hasBefore = before.endsWith('dist');
  const on = { OTEL_EXPORTER_OTLP_ENDPOINT: collector };
  const aHundredth = { ...on, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' };
  const subjectOf = async (name: string, given: { env?: Record<string, string>; dist?: string } = {}): Promise<Subject> => {
    const { pids, call } = await system.startGateway(name, given);
    return { connections, pids, workload: call };
  };
  const subjects: Record<string, Subject> = {
    off: await subjectOf('untold'),
    hundredth: await subjectOf('told-a-hundredth', { env: aHundredth }),
    all: await subjectOf('told-all', { env: on }),
    ...(hasBefore && { before: await subjectOf('before-telemetry', { dist: before }) }),
  };
  const measured = await throughput(bench, subjects);
  const of = (name: string): Throughput => measured[name] as Throughput;
  const [off, hundredth, all] = [of('off'), of('hundredth'), of('all')];
  const offRow = { metric: `${metric}, telemetry switched off`, unit: 'µs' };
  return [
    !hasBefore
      ? unmeasured({ ...offRow, why: before }, { atMost: 1.01 }, '×')
      : compare({ ...offRow, peer: `the build before it, of commit ${beforeTelemetry}` }, off.cpuUs, of('before').cpuUs, { atMost: 1.01 }),
    compare({ metric: `${metric}, a hundredth traced, all measured`, unit: 'µs', peer: offName }, hundredth.cpuUs, off.cpuUs, { atMost: 1.03 }),
    compare({ metric: `${metric}, all traced`, unit: 'µs', peer: offName }, all.cpuUs, off.cpuUs),
  ];
}
