import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { parse } from 'yaml';
import { readRecordings, type Recording } from './recorded.ts';
import { type KongSimulator, startKongSimulator } from './simulator.ts';

/** Recorded exchanges that the simulator does not repeat, by what they have in common, each with its reason. One that it does repeat does not belong here. */
const notRepeated: readonly (readonly [RegExp, string])[] = [
  [/ \/(ca_certificates|vaults)/, 'it has no certificates and no vaults, which Connect does not write, and says 501'],
  [
    / \/(upstreams\/.*(targets|health)|targets).*(list|targets by|target by|PATCH|PUT|health|unhealthy|top-level)/,
    'it balances between targets and knows no health of them',
  ],
  [
    /^PUT .*(ttl null|ttl too large|ttl negative|ttl fraction)|^GET .*after its time/,
    'with a database it ends no key by its ttl, and judges one by the schema',
  ],
  [/header value as string|header named host/, 'it judges headers of routes by their type alone'],
  [/^GET \/status|^GET \/tags\//, 'memory and pages are those of the node that was recorded'],
  [/plain errors/, 'of errors in entities it tells those that are asked for with flatten_errors'],
  [/empty body/, 'a body of no bytes is an empty object to it'],
  [/_format_version 1\.1/, 'it rewrites no documents of older formats'],
];
const reasonOf = ({ method, path, title }: Recording): string | undefined =>
  notRepeated.find(([what]) => what.test(`${method} ${path} ${title}`))?.[1];

const all = [...readRecordings('kong-more.recordings.jsonl'), ...readRecordings('kong-dbless.recordings.jsonl')];
const first = all.findIndex(({ path, method }) => path === '/config' && method === 'POST');

/** Ids, and what follows from time, are the run's own. Lists that Lua has in no order are put in one. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'string') return value.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID').replace(/\b[0-9a-f]{32}\b/g, 'HASH');
  if (typeof value !== 'object' || value === null) return value;
  const { flattened_errors: faults } = value as { flattened_errors?: unknown };
  if (Array.isArray(faults)) {
    for (const { errors } of faults as { errors: unknown[] }[]) errors.sort(byText);
    faults.sort(byText);
  }
  const entries = Object.entries(value).filter(([name]) => !['created_at', 'updated_at', 'ttl', 'request_id'].includes(name));
  if (typeof (value as { config?: unknown }).config === 'object')
    for (const [, config] of entries.filter(([name]) => name === 'config')) withoutTwins(config as Record<string, unknown>);
  const isById = entries.length > 0 && entries.every(([name]) => /^[0-9a-f-]{36}$/.test(name));
  if (isById) return entries.map(([, one]) => plain(one)).sort(byText);
  return Object.fromEntries(
    entries.map(([name, one]) => [name, name === 'config' && typeof one === 'string' ? listed(plain(parse(one))) : plain(one)]),
  );
}

/** A configuration, whose lists are in no order. */
const listed = (document: unknown): unknown =>
  Object.fromEntries(
    Object.entries(document as object).map(([name, list]) => [name, Array.isArray(list) ? (list as unknown[]).sort(byText) : (list as unknown)]),
  );

/** By what they say, whatever the order of their members. */
const byText = (a: unknown, b: unknown): number => (canonicalJson(a) < canonicalJson(b) ? -1 : 1);

/** Old names of fields, which Kong tells in some answers and not in others. */
function withoutTwins(config: Record<string, unknown>): void {
  for (const name of Object.keys(config)) if (name.startsWith('redis_')) delete config[name];
}

describe.each([
  ['with a database', undefined, all.slice(0, first)],
  ['without a database', 'off' as const, all.slice(first)],
])('replay of what was seen later, %s', (_mode, database, recordings) => {
  let echo: Server;
  let simulator: KongSimulator;
  let now = 1_795_827_286_000;
  let nextId: string | undefined;
  beforeAll(async () => {
    echo = createServer(
      (request, response) => void response.setHeader('content-type', 'application/json').end(JSON.stringify({ m: request.method })),
    );
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    simulator = await startKongSimulator({
      adminPort: 0,
      proxyPort: 0,
      now: () => now,
      newId: () => nextId ?? crypto.randomUUID(),
      ...(database && { database }),
    });
  });
  afterAll(async () => {
    await simulator.close();
    await new Promise((resolve) => echo.close(resolve));
  });

  it.each(recordings.map((recording, index) => [recording.title, recording, index] as const))('%s', async (_title, recording) => {
    const { method, path, where, reqBody, reqHeaders = {}, type } = recording as Recording & { where: string };
    const time = JSON.stringify(recording.resBody).match(/"(?:updated|created)_at":(\d{10})/)?.[1];
    if (time !== undefined) now = Number(time) * 1000;
    nextId = database === undefined && recording.status < 300 ? (recording.resBody as { id?: string }).id : undefined;
    const port = String((echo.address() as AddressInfo).port);
    const text =
      reqBody === undefined
        ? undefined
        : (typeof reqBody === 'string' ? reqBody : JSON.stringify(reqBody)).replaceAll(/127\.0\.0\.1:(9140|18998)/g, `127.0.0.1:${port}`);
    const { 'Content-Type': own, ...others } = reqHeaders;
    const headers = { ...others, ...(text !== undefined && { 'content-type': type ?? own ?? 'application/json' }) };
    const base = where.includes('admin') ? simulator.adminUrl : simulator.proxyUrl;
    const response = await fetch(base + path, { method, headers, ...(text !== undefined && method !== 'GET' && { body: text }) });
    const answer = await response.text();
    const isPassed = where.includes('proxy') && recording.status === 200;
    const told = (status: number, body: unknown) => ({ status, body: isPassed ? undefined : plain(body) });
    const found = told(response.status, answer === '' ? '' : JSON.parse(answer.replaceAll(port, '9140')));
    const expected = told(recording.status, JSON.parse(JSON.stringify(recording.resBody).replaceAll('18998', '9140')));
    if (reasonOf(recording) === undefined) expect(found).toEqual(expected);
    else expect(found).not.toEqual(expected);
  });
});
