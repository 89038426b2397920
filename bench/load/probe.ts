import { Histogram } from '../measure/histogram.ts';
import { Connection } from './connection.ts';

export type ProbeSpec = { url: string; headers?: Record<string, string>; ratePerS: number };
/** Latencies in milliseconds from when a probe was due, so that a stall is charged for all that it kept waiting; `statuses` counts the answers. */
export type Probed = { worstMs: number; p99Ms: number; statuses: Record<number, number> };

const connections = 64;
const running = new Map<string, () => Promise<Probed>>();

/** Asks for a page at a constant rate, until it is told to stop. */
export async function startProbe({ url, headers = {}, ratePerS }: ProbeSpec): Promise<string> {
  const target = new URL(url);
  const head = Object.entries({ host: target.host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = Buffer.from(`GET ${target.pathname}${target.search} HTTP/1.1\r\n${head.join('')}\r\n`);
  let broken: Error | undefined;
  const failed = (error: Error): void => void (broken ??= error);
  const lines = await Promise.all(Array.from({ length: connections }, () => Connection.open(target, failed)));
  const free = [...lines];
  const waiting: number[] = [];
  const latencies = new Histogram();
  const statuses: Record<number, number> = {};
  let worstMs = 0;
  const since = performance.now();
  let sent = 0;
  const send = (line: Connection, dueMs: number): void =>
    line.send(request, ({ status }) => {
      const tookMs = performance.now() - dueMs;
      worstMs = Math.max(worstMs, tookMs);
      latencies.record(tookMs * 1000);
      statuses[status] = (statuses[status] ?? 0) + 1;
      const next = waiting.shift();
      if (next === undefined) free.push(line);
      else send(line, next);
    });
  const timer = setInterval(() => {
    for (; since + (sent * 1000) / ratePerS <= performance.now(); sent += 1) {
      const dueMs = since + (sent * 1000) / ratePerS;
      const line = free.pop();
      if (line === undefined) waiting.push(dueMs);
      else send(line, dueMs);
    }
  }, 1);
  const name = `probe-${running.size}-${since}`;
  running.set(name, async () => {
    clearInterval(timer);
    while (broken === undefined && free.length < lines.length) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const line of lines) line.close();
    if (broken !== undefined) throw new Error(`A probe of ${url} broke: ${broken.message}`);
    return { worstMs, p99Ms: latencies.quantile(0.99) / 1000, statuses };
  });
  return name;
}

export async function stopProbe(name: string): Promise<Probed> {
  const stop = running.get(name);
  running.delete(name);
  if (stop === undefined) throw new Error(`There is no probe ${name}.`);
  return stop();
}
