import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from './connection.ts';
import type { HttpAnswer } from './http-reader.ts';
import { RuntimeRequests } from './runtime-requests.ts';
import type { Instance } from './runtime-requests.ts';
import { wrongAnswer } from './workload.ts';

export type FleetSpec = { url: string; key: string; environment: string; names: string; count: number; connections: number };
export type Fleet = { instances: Instance[]; seconds: number; features: string[] };

const maxTries = 100;

/** Registers the instances `<names>-0`, `<names>-1` … over kept-alive connections, each sending its next one when it is answered. */
export async function registerFleet({ url, key, environment, names, count, connections }: FleetSpec): Promise<Fleet> {
  const requests = new RuntimeRequests(url, key);
  const failure = Promise.withResolvers<never>();
  const lines = await Promise.all(Array.from({ length: connections }, () => Connection.open(new URL(url), failure.reject)));
  const instances: Instance[] = [];
  let features: string[] = [];
  const since = performance.now();
  const work = lines.map(async (line, first) => {
    for (let at = first; at < count; at += connections) {
      const reply = readRegistration(await untilTaken(line, requests.register(`${names}-${at}`, environment)));
      instances[at] = reply;
      features = reply.features;
    }
  });
  try {
    await Promise.race([Promise.all(work), failure.promise]);
  } finally {
    for (const line of lines) line.close();
  }
  return {
    instances: instances.map(({ gatewayId, leaseEpoch }) => ({ gatewayId, leaseEpoch })),
    seconds: (performance.now() - since) / 1000,
    features,
  };
}

/** Asks again, when it is told to, as late as it is told to. */
async function untilTaken(line: Connection, request: Buffer): Promise<HttpAnswer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await line.ask(request);
    if ((answer.status !== 503 && answer.status !== 429) || tries === maxTries) return answer;
    await delay(retryAfterMs(answer));
  }
}

export function readRegistration(answer: HttpAnswer): Instance & { features: string[] } {
  if (answer.status !== 200) throw wrongAnswer(answer, 'a registration');
  const reply = JSON.parse(answer.body.toString('utf8')) as { gateway_id: string; lease_epoch?: number; features?: string[] };
  return { gatewayId: reply.gateway_id, leaseEpoch: reply.lease_epoch ?? 1, features: reply.features ?? [] };
}

/** What `Retry-After` asks for, with the fifth more that a fleet is spread by; a second when it is not said. */
export function retryAfterMs({ headers }: HttpAnswer): number {
  const seconds = Number(/\r\nretry-after: *(\d+)/i.exec(headers)?.[1] ?? 1);
  return seconds * 1000 * (1 + Math.random() * 0.2);
}
