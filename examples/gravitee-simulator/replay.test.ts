import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecordings, type Recording } from './recorded.ts';
import { type GraviteeSimulator, startGraviteeSimulator } from './simulator.ts';

const recordings = readRecordings();
const environment = '/management/v2/environments/DEFAULT';
const applications = '/management/organizations/DEFAULT/environments/DEFAULT/applications';

type Unrecorded = Pick<Recording, 'method' | 'path'> & {
  side?: Recording['side'];
  body?: unknown;
  /** The recorded id of what it made. */
  made?: string;
  now?: number;
};
const orders = `${environment}/apis/dff8de22-2c5d-4320-b8de-222c5dd320bb`;
const leak = `${environment}/apis/774a00b3-98e6-48c7-8a00-b398e6c8c788/plans`;
const plan = (id: string, name: string, type: string, validation: string): Unrecorded[] => [
  { method: 'POST', path: leak, made: id, body: { definitionVersion: 'V4', name, description: 'd', security: { type }, validation } },
  { method: 'POST', path: `${leak}/${id}/_publish` },
];

/** What was done between two recorded exchanges, as their answers show; done before the exchange with this number. */
const unrecorded: Readonly<Record<number, Unrecorded[]>> = {
  // The change before was taken back.
  70: [{ method: 'PUT', path: orders, body: { ...(recordings[68]?.requestBody as object), tags: [] } }],
  // The first of two calls that a limit of three has counted, and the third.
  99: [{ side: 'gateway', method: 'GET', path: '/orders/a', now: 1_795_827_777_547 }],
  100: [{ side: 'gateway', method: 'GET', path: '/orders/a' }],
  147: [{ side: 'gateway', method: 'GET', path: '/orders/a', now: 1_795_827_882_602 }],
  185: plan('dc38c9ed-ea22-47b6-b8c9-edea22c7b693', 'open', 'KEY_LESS', 'AUTO'),
  196: [
    { method: 'POST', path: applications, made: '33d53ad6-aabd-43f1-953a-d6aabd73f1f7', body: { name: 'app9', description: 'd' } },
    ...plan('171b8022-18f3-4a6b-9b80-2218f38a6bb9', 'manual', 'API_KEY', 'MANUAL'),
  ],
};

/** When the real one answered what says no time, as later answers show. */
const times: Readonly<Record<number, number>> = { 133: 1_795_827_843_715, 134: 1_795_827_847_692 };

const comparedHeaders =
  /^(content-type|content-disposition|etag|location|last-modified|www-authenticate|x-rate-limit-.*|x-quota-.*|access-control-.*)$/;
const toleranceMs = 3000;

type Answer = { status: number; headers: Record<string, string>; body: unknown };

describe('replay of gravitee-4.10.recordings.jsonl', () => {
  /** The ids that the real one made, by ours, and the other way round. */
  const recordedIds = new Map<string, string>();
  const ourIds = new Map<string, string>();
  // When the application that is there from the start was made.
  let now = 1_795_827_639_921;
  let hasGateway = false;
  let echo: Server;
  let simulator: GraviteeSimulator;

  beforeAll(async () => {
    echo = createServer((call, response) => {
      // The upstream of the recordings: answers what it was sent.
      let bodyLength = 0;
      call.on('data', (chunk: Buffer) => (bodyLength += chunk.length));
      call.on('end', () => {
        const { connection: _connection, ...headers } = call.headers;
        const text = JSON.stringify({ method: call.method, path: call.url, headers, bodyLength });
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
      });
    });
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    const upstream = new URL(`http://127.0.0.1:${(echo.address() as AddressInfo).port}`);
    const ports = { managementPort: 0, gatewayPort: 0 };
    simulator = await startGraviteeSimulator({ ...ports, now: () => now, resolve: () => upstream, hasGateway: () => hasGateway });
  });
  afterAll(async () => {
    await simulator.close();
    echo.closeAllConnections();
    await new Promise((resolve) => echo.close(resolve));
  });

  it('has all that was recorded', () => {
    expect(recordings.map(({ n }) => n)).toEqual(Array.from({ length: 205 }, (_none, index) => index + 1));
  });

  it.each(recordings.map((recording) => [recording.n, recording.note ?? '', recording] as const))('%i %s', async (number, _note, recording) => {
    for (const step of unrecorded[number] ?? []) await doUnrecorded(step);
    now = times[number] ?? recordedNow(recording) ?? now + 1;
    hasGateway = number === 201;
    const answer = await call(recording, recording.requestBody);
    learn(recording.responseBody, answer.body);
    learn(recording.responseHeaders, answer.headers);
    const isCut = typeof recording.responseBody === 'object' && recording.responseBody !== null && '_cut' in recording.responseBody;
    expect({ status: answer.status, body: isCut ? 'cut' : asRecorded(answer.body, recording.responseBody) }).toEqual({
      status: recording.status,
      body: isCut ? 'cut' : readable(recording.responseBody ?? ''),
    });
    const headers = Object.fromEntries(Object.entries(recording.responseHeaders).filter(([name]) => comparedHeaders.test(name)));
    const given = Object.fromEntries(Object.keys(headers).map((name) => [name, answer.headers[name]]));
    expect(asRecorded(given, headers)).toEqual(headers);
    for (const name of ['etag', 'location', 'content-type']) if (!(name in headers)) expect(answer.headers).not.toHaveProperty(name);
  });

  async function doUnrecorded({ side = 'management', method, path, body, made, now: then }: Unrecorded): Promise<void> {
    now = then ?? now + 1;
    const answer = await call({ side, method, path, requestHeaders: { Authorization: 'Basic YWRtaW46YWRtaW4=' } }, body ?? null);
    expect(answer.status).toBeLessThan(500);
    const id = (answer.body as { id?: string } | undefined)?.id;
    if (made !== undefined && id !== undefined) pair(made, id);
  }

  function call(what: Pick<Recording, 'side' | 'method' | 'path' | 'requestHeaders'>, given: unknown): Promise<Answer> {
    const base = what.side === 'gateway' ? simulator.gatewayUrl : simulator.managementUrl;
    const text = given === null ? undefined : typeof given === 'string' ? given : withOurIds(JSON.stringify(given));
    const headers = { ...what.requestHeaders, ...(text !== undefined && { 'content-length': String(Buffer.byteLength(text)) }) };
    // What the recorder's client said of itself came to its upstream.
    const client = what.side === 'gateway' ? { 'accept-encoding': 'deflate, gzip' } : {};
    return new Promise((resolve, reject) => {
      const sent = request(base + withOurIds(what.path), { method: what.method, headers: { ...client, ...headers }, agent: false }, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (body += chunk));
        response.on('end', () => {
          const isJson = (response.headers['content-type'] ?? '').startsWith('application/json') && body !== '';
          const own = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
          resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(own), body: isJson ? JSON.parse(body) : body });
        });
      });
      sent.on('error', reject);
      sent.end(text);
    });
  }

  const uuid = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;
  const withOurIds = (text: string): string => text.replace(uuid, (id) => ourIds.get(id) ?? id);

  function pair(recorded: string, ours: string): void {
    if (recordedIds.has(ours) || ourIds.has(recorded)) return;
    recordedIds.set(ours, recorded);
    ourIds.set(recorded, ours);
  }

  /** Ids that stand at the same place are the same one from now on: elsewhere they have to be so as well. */
  function learn(recorded: unknown, ours: unknown): void {
    if (typeof recorded === 'string' && typeof ours === 'string') {
      const [theirs, own] = [recorded.match(uuid) ?? [], ours.match(uuid) ?? []];
      if (theirs.length === own.length) for (const [index, id] of theirs.entries()) pair(id, own[index] ?? id);
    } else if (typeof recorded === 'object' && recorded !== null && typeof ours === 'object' && ours !== null) {
      for (const [key, value] of Object.entries(recorded)) learn(value, (ours as Record<string, unknown>)[key]);
    }
  }

  /** Our answer, with ids and addresses as recorded, and times that are near those that were recorded. */
  function asRecorded(ours: unknown, recorded: unknown): unknown {
    const text = JSON.stringify(ours ?? '').replace(uuid, (id) => recordedIds.get(id) ?? id);
    const moved = text.replaceAll(simulator.managementUrl, 'http://gravitee.invalid:8083');
    return near(readable(JSON.parse(moved)), readable(recorded));
  }
});

/** What holds JSON in a text is compared as JSON: the order of its fields says nothing. */
function readable(value: unknown): unknown {
  if (typeof value === 'string' && /^\{[\s\S]*\}$/.test(value)) {
    try {
      return readable(JSON.parse(value));
    } catch {
      return value;
    }
  }
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  // Labels are a set, in whichever order the real one had them.
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, key === 'labels' && Array.isArray(one) ? [...one].sort() : readable(one)]),
  );
}

/** The real one took a moment between two times of one answer. */
function near(ours: unknown, recorded: unknown): unknown {
  if (Array.isArray(ours) && Array.isArray(recorded)) return ours.map((one, index) => near(one, recorded[index]));
  if (typeof ours === 'object' && ours !== null && typeof recorded === 'object' && recorded !== null) {
    return Object.fromEntries(Object.entries(ours).map(([key, one]) => [key, near(one, (recorded as Record<string, unknown>)[key])]));
  }
  const [a, b] = [timeOf(ours), timeOf(recorded)];
  const isElsewhere = withoutHash(ours) !== withoutHash(recorded);
  return a !== undefined && b !== undefined && !isElsewhere && Math.abs(a - b) <= toleranceMs ? recorded : ours;
}

const withoutHash = (value: unknown): string | undefined => (typeof value === 'string' ? /^(.*\?hash=)\d{13}$/.exec(value)?.[1] : undefined);

function timeOf(value: unknown): number | undefined {
  if (typeof value === 'number' && value > 1.7e12 && value < 1.9e12) return value;
  if (typeof value !== 'string') return undefined;
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return Date.parse(value);
  const hash = /\?hash=(\d{13})$/.exec(value)?.[1];
  return hash === undefined ? undefined : Number(hash);
}

/** The instant that the real one answered at, from what it said last. */
function recordedNow({ responseHeaders, responseBody }: Recording): number | undefined {
  const tag = /^"(\d+)"$/.exec(responseHeaders['etag'] ?? '')?.[1];
  if (tag !== undefined) return Number(tag);
  const body = (typeof responseBody === 'object' && responseBody !== null ? responseBody : {}) as Record<string, unknown>;
  const { updatedAt, updated_at: version1 } = body;
  if (typeof updatedAt === 'string') return Date.parse(updatedAt);
  return typeof version1 === 'number' ? version1 : undefined;
}
