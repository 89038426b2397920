import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trimmed } from './admin/node-information.ts';
import { readRecordings, type Recording } from './recorded.ts';
import { type KongSimulator, startKongSimulator } from './simulator.ts';

/**
 * Recorded exchanges whose answer the simulator gives differently, each with its reason. Everything else must be equal.
 */
const differences: Record<string, { reason: string; adapt: (recorded: Recording) => unknown }> = {
  'root (trimmed)': {
    reason: 'the simulator lists only the plugins it has, so that what it lists and what it accepts agree',
    adapt: ({ resBody }) => {
      const body = structuredClone(resBody) as Root;
      body.plugins.available_on_server = trimmed(body.plugins.available_on_server);
      body.configuration.loaded_plugins = trimmed(body.configuration.loaded_plugins);
      return body;
    },
  },
};
type Root = {
  plugins: { available_on_server: Record<string, unknown> };
  configuration: { loaded_plugins: Record<string, unknown> };
};

/** What the recorder did without writing it down, seen in later answers; done before the recording of this title. */
const unrecorded: Record<string, { path: string; method: string; body: unknown; now: number }[]> = {
  'size=2': [{ path: '/services/billing', method: 'PATCH', body: { tags: ['managed-by:agent', 'team-a'] }, now: 1_795_362_900_000 }],
  'route tpl': [
    { path: '/services/1da57c5d-e559-4140-a2c6-b84a57370e93', method: 'PUT', body: { name: 'paths', host: 'h' }, now: 1_795_362_929_000 },
  ],
  'PUT a plugin: config fields left out go back to defaults, not kept': [
    {
      path: '/services/9762433f-c6fa-41dd-80cd-977af68cccee',
      method: 'PUT',
      body: { name: 'race', url: 'http://127.0.0.1:18999' },
      now: 1_795_362_983_000,
    },
  ],
};

/** Headers that say something; dates, lengths and latencies are the run's own. */
const comparedHeaders = [
  'content-type',
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-max-age',
  'allow',
  'server',
  'vary',
  'via',
  'www-authenticate',
  'retry-after',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'x-ratelimit-limit-minute',
  'x-ratelimit-remaining-minute',
  'x-gov',
];

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
}

/** Text of a JSON value with the ports of the recorded node in the place of ours, and the ids that each run makes anew blanked. */
function normalised(value: unknown, ports: Record<string, string>): unknown {
  let text = JSON.stringify(value ?? '');
  for (const [recorded, ours] of Object.entries(ports)) text = text.replaceAll(new RegExp(`\\b${ours}\\b`, 'g'), recorded);
  return JSON.parse(text.replace(/\b[0-9a-f]{32}\b/g, 'REQUEST-ID').replace(/[0-9a-f-]{36}#\d+/g, 'CORRELATION-ID'));
}

function bodyText({ reqBody, type }: Recording, upstreamPort: string): string | undefined {
  if (reqBody === undefined) return undefined;
  return (type ? String(reqBody) : JSON.stringify(reqBody)).replaceAll('18999', upstreamPort);
}

function call(base: string, { method, path, reqHeaders, type }: Recording, body: string | undefined): Promise<Answer> {
  const headers = {
    ...reqHeaders,
    ...(body !== undefined && { 'content-type': type ?? 'application/json', 'content-length': Buffer.byteLength(body) }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(base + path, { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const isJson = (response.headers['content-type'] ?? '').startsWith('application/json') && text !== '';
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: isJson ? JSON.parse(text) : text });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The upstream of the recordings: answers what it was sent. */
async function startEcho(): Promise<Server> {
  const server = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => (body += chunk.toString()));
    req.on('end', () => {
      const text = JSON.stringify({ echo: true, method: req.method, url: req.url, headers: req.headers, body });
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** The instant the real node answered, from what it wrote, so that dates and rate limit windows come out the same. */
function recordedNow({ resBody, resHeaders }: Recording): number {
  const body = resBody as { updated_at?: number; created_at?: number } | undefined;
  const seconds = body?.updated_at ?? body?.created_at;
  return seconds === undefined ? Date.parse(resHeaders['date']!) : seconds * 1000;
}

describe.each(['kong-db.recordings.jsonl', 'kong-db2.recordings.jsonl'])('replay of %s', (file) => {
  const recordings = readRecordings(file);
  let now = Date.parse(recordings[0]!.resHeaders['date']!);
  let nextId: string | undefined;
  let echo: Server;
  let simulator: KongSimulator;
  let ports: Record<string, string>;

  beforeAll(async () => {
    echo = await startEcho();
    simulator = await startKongSimulator({ adminPort: 0, proxyPort: 0, now: () => now, newId: () => nextId ?? crypto.randomUUID() });
    const portOf = (url: string): string => new URL(url).port;
    ports = { 18999: String((echo.address() as AddressInfo).port), 18001: portOf(simulator.adminUrl), 18000: portOf(simulator.proxyUrl) };
  });
  afterAll(async () => {
    await simulator.close();
    echo.closeAllConnections();
    await new Promise((resolve) => echo.close(resolve));
  });

  it.each(recordings.map((recording) => [recording.title, recording] as const))('%s', async (title, recording) => {
    for (const { path, method, body, now: then } of unrecorded[title] ?? []) {
      now = then;
      await fetch(simulator.adminUrl + path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    }
    now = recordedNow(recording);
    const created = recording.where === 'admin' && recording.status < 300 ? (recording.resBody as { id?: string }).id : undefined;
    nextId = created;
    const base = recording.where === 'admin' ? simulator.adminUrl : simulator.proxyUrl;
    const answer = await call(base, recording, bodyText(recording, ports[18999]!));
    const expected = differences[title]?.adapt(recording) ?? recording.resBody;
    expect({ status: answer.status, body: normalised(answer.body, ports) }).toEqual({ status: recording.status, body: normalised(expected, {}) });
    const picked = (headers: Answer['headers']) => Object.fromEntries(comparedHeaders.map((name) => [name, headers[name]]));
    expect(picked(answer.headers)).toEqual(picked(recording.resHeaders));
    for (const name of ['x-correlation-id', 'x-kong-request-id']) expect(name in answer.headers).toBe(name in recording.resHeaders);
  });
});
