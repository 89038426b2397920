import { Histogram } from '../measure/histogram.ts';
import { Connection } from './connection.ts';
import { heartbeatWorkload } from './heartbeat-workload.ts';
import { restWorkload, toolsCallWorkload } from './items-workload.ts';
import type { LoadJob, LoadResult, WorkloadSpec } from './job.ts';
import { unchangedConfigWorkload } from './unchanged-config-workload.ts';
import type { Workload } from './workload.ts';

const drainWithinMs = 30_000;

/** Does a job. Rejects at the first answer that is wrong, and at the first connection that breaks. */
export async function runLoad(job: LoadJob): Promise<LoadResult> {
  const { workload, connections, ratePerS } = job;
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  const work = createWorkload(workload, connections);
  const lines = await Promise.all(
    Array.from({ length: connections }, (_, at) => Connection.open(new URL(workload.urls[at % workload.urls.length] as string), failure.reject)),
  );
  const clock = createClock(job);
  try {
    const run =
      ratePerS === undefined ? closedLoop(lines, work, clock) : openLoop(lines, work, clock, job.byTimer === true ? soon : setImmediate, ratePerS);
    run.catch(() => {});
    await Promise.race([run, failure.promise, tooLate((job.warmUpS + job.seconds) * 1000 + drainWithinMs)]);
  } finally {
    for (const line of lines) line.close();
  }
  return {
    ...clock.result(),
    ...(work.acknowledged !== undefined && { acknowledged: work.acknowledged }),
    ...(work.refused !== undefined && { refused: work.refused() }),
  };
}

function createWorkload(spec: WorkloadSpec, connections: number): Workload {
  switch (spec.kind) {
    case 'rest':
      return restWorkload(spec, connections);
    case 'tools-call':
      return toolsCallWorkload(spec, connections);
    case 'heartbeat':
      return heartbeatWorkload(spec, connections);
    case 'unchanged-config':
      return unchangedConfigWorkload(spec, connections);
  }
}

const soon = (act: () => void): void => void setTimeout(act, 1);

function tooLate(ms: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`No end after ${ms} ms: an answer never came.`)), ms).unref();
  });
}

type Clock = {
  readonly endsAtMs: number /** Counts an answer to what was due at `dueMs`, when it falls into the measured time. */;
  count(dueMs: number): void;
  result(): LoadResult;
};

function createClock({ warmUpS, seconds }: LoadJob): Clock {
  const beginsAtMs = performance.now() + warmUpS * 1000;
  const endsAtMs = beginsAtMs + seconds * 1000;
  const histogram = new Histogram();
  let cpu: NodeJS.CpuUsage | undefined;
  let used = 0;
  let all = 0;
  return {
    endsAtMs,
    count(dueMs) {
      all += 1;
      const now = performance.now();
      if (now < beginsAtMs) return;
      cpu ??= process.cpuUsage();
      if (now >= endsAtMs) return;
      histogram.record((now - dueMs) * 1000);
      // Reading it costs a system call: once in a while is enough.
      if (histogram.total % 256 === 0) used = share(process.cpuUsage(cpu), now - beginsAtMs);
    },
    result: () => ({ answers: histogram.total, allAnswers: all, seconds, latencies: histogram.toJSON(), generatorCpu: used }),
  };
}

function share({ user, system }: NodeJS.CpuUsage, elapsedMs: number): number {
  return (user + system) / 1000 / elapsedMs;
}

/** Each connection sends its next request when the answer to the last has come. */
async function closedLoop(lines: Connection[], work: Workload, clock: Clock): Promise<void> {
  await Promise.all(
    lines.map(
      (line, at) =>
        new Promise<void>((resolve, reject) => {
          let sentMs = 0;
          const send = (): void => {
            sentMs = performance.now();
            if (sentMs >= clock.endsAtMs) return resolve();
            line.send(work.next(at), (answer) => {
              try {
                work.check(at, answer);
              } catch (error) {
                return reject(asError(error));
              }
              clock.count(sentMs);
              send();
            });
          };
          send();
        }),
    ),
  );
}

/**
 * Requests fall due at a constant rate and are timed from when they were due, not from when a connection was free for them: a server
 * that stalls is charged for those it kept waiting (no coordinated omission). `later` looks again whether something is due: `setImmediate` spins on a
 * core of its own, since timers are late by up to a millisecond.
 */
function openLoop(lines: Connection[], work: Workload, clock: Clock, later: (act: () => void) => void, ratePerS: number): Promise<void> {
  const free = lines.map((_, at) => at);
  const intervalMs = 1000 / ratePerS;
  let dueMs = performance.now() + intervalMs;
  return new Promise((resolve, reject) => {
    const sendDue = (): void => {
      const now = performance.now();
      while (dueMs <= now && dueMs < clock.endsAtMs) {
        const at = free.shift();
        if (at === undefined) break;
        send(at, dueMs);
        dueMs += intervalMs;
      }
      if (dueMs < clock.endsAtMs || free.length < lines.length) later(sendDue);
      else resolve();
    };
    const send = (at: number, due: number): void =>
      (lines[at] as Connection).send(work.next(at), (answer) => {
        try {
          work.check(at, answer);
        } catch (error) {
          return reject(asError(error));
        }
        clock.count(due);
        free.push(at);
      });
    sendDue();
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
