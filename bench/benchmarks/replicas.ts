import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { bounded, compare, roundsOf, unmeasured } from '../report/result.ts';
import type { Row } from '../report/result.ts';
import type { Bench } from '../system/bench.ts';
import { startBoundary } from '../system/boundary-system.ts';
import type { Boundary } from '../system/boundary-system.ts';
import { freePort } from '../system/processes.ts';
import { throughput } from '../system/throughput.ts';

const connections = 32;
const exactly = { limit: 1_000, window_s: 1 };
/** Ends in the middle of the last window, so that as many have begun as there are seconds or parts of one. */
const exactS = 4.5;

/** What two replicas that count limits together in a Redis let through, and what an answer costs them. */
export async function replicas(bench: Bench, alone: Boundary, upstreamUrl: string): Promise<Row[]> {
  const exact = { metric: 'Two Gateways that count in one Redis: calls let through, of those that a limit of 1,000 a second allows', unit: '×' };
  const cost = { metric: 'Two Gateways that count in one Redis: processor time for an answer of the REST door', unit: 'µs' };
  const version = await redisVersion();
  if (version === undefined) {
    const why = 'there is no redis-server on the PATH: install it (apt-get install redis-server)';
    return [unmeasured({ ...exact, why }, { atMost: 1.01 }), unmeasured({ ...cost, why }, { atMost: 1.2 }, '×')];
  }
  const env = { env: { STOA_REDIS_URL: await startRedis(bench) } };
  const startTwo = async (system: Boundary) => [await system.startGateway('replica-a', env), await system.startGateway('replica-b', env)] as const;
  const limited = await startTwo(await startBoundary(bench, upstreamUrl, { limit: exactly, name: 'limited' }));
  const two = await startTwo(alone);
  const one = await alone.startGateway('alone');
  const allowed = exactly.limit * Math.ceil(exactS / exactly.window_s);
  const passed: number[] = [];
  let fewest = Infinity;
  for (let round = 1; round <= bench.options.rounds; round += 1) {
    const workload = { ...limited[0].rest, urls: limited.flatMap(({ rest }) => rest.urls), mayRefuse: true };
    // The windows of the round before are over.
    await setTimeout(2_000 * exactly.window_s);
    const { allAnswers, refused = 0 } = await bench.run({ connections, workload, warmUpS: 0, seconds: exactS });
    passed.push((allAnswers - refused) / allowed);
    fewest = Math.min(fewest, allAnswers);
    console.log(`  round ${round}  limited  ${allAnswers - refused} of ${allAnswers} calls let through`);
  }
  const measured = await throughput(bench, {
    'two over Redis': {
      connections,
      pids: two.flatMap(({ pids }) => pids),
      workload: { ...two[0].rest, urls: two.flatMap(({ rest }) => rest.urls) },
    },
    'one alone': { connections, pids: one.pids, workload: one.rest },
  });
  // What is furthest from all that a limit allows, above or below, is what counts.
  const off = passed.map((share) => 1 + Math.abs(share - 1));
  const note = `${version}; let through in each round: ${passed.map((share) => share.toFixed(3)).join(', ')}`;
  // Below that, some window may not have been offered all that it allows.
  const tooFew = fewest < 2 * allowed ? { why: `this machine offered ${fewest} calls in the time in which ${allowed} are allowed` } : {};
  return [
    bounded({ ...exact, note, ...tooFew }, roundsOf(off), { atMost: 1.01 }),
    compare({ ...cost, peer: 'one Gateway that counts alone', note: version }, measured['two over Redis'].cpuUs, measured['one alone'].cpuUs, {
      atMost: 1.2,
    }),
  ];
}

async function redisVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('redis-server', ['--version']);
    return `Redis ${/v=([\d.]+)/.exec(stdout)?.[1] ?? ''}`.trim();
  } catch {
    return undefined;
  }
}

async function startRedis(bench: Bench): Promise<string> {
  const port = await freePort();
  await bench.processes.start({
    name: 'redis',
    command: 'redis-server',
    args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', bench.dir],
    cores: bench.plan.cores?.store,
    isReady: async () => {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.destroy();
      return true;
    },
  });
  return `redis://127.0.0.1:${port}`;
}
