// A runtime that serves nothing but obeys the contract: what mutants are made of. It has no part of the product in it and imports nothing but Node.js.
import { createHash, createPublicKey, randomUUID, verify } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are judged before anything is read of them
type Json = any;
type Item = { id: string; kind: string; [member: string]: Json };
type Served = { generation: number; hash: string; list: string; items: Item[]; gatewayId: string };
type Answer = { status: number | 'none'; body: string; headers: Headers };
type Ack = { generation: number; hash: string; state: string; items: Json[]; unlisted_applied?: true };
export type Agent = { url: string; pid: number; log: []; isRunning: () => boolean; stop: () => Promise<number>; kill: () => Promise<void> };

const minuteMs = 60_000;
const sha256 = (text: string | Buffer): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const canonical = (value: Json): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  return `{${Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)
    .join(',')}}`;
};
const listHash = (entries: readonly { id: string; hash: string }[]): string =>
  sha256(
    [...entries]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ hash }) => `${hash.slice(7)}\n`)
      .join(''),
  );
const parsed = (text: string): Json => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** What it understands: each kind of item, and of policies each kind with its members. */
const kinds = new Set(['api', 'consumer', 'consumer_key', 'subscription', 'plan', 'plan_subscription', 'policy']);
const policies: Record<string, string[]> = { api_key_auth: ['header'], rate_limit: ['limit', 'window_s'] };
const isUnderstood = ({ kind, policy }: Item): boolean =>
  kinds.has(kind) && (kind !== 'policy' || Object.keys(policy.config).every((member) => policies[policy.kind]?.includes(member) === true));

/** What becomes of the items: those that are not understood are rejected, and so are the APIs that they guard. */
function outcomes(items: readonly Item[]): Json[] {
  const unknown = items.filter((item) => !isUnderstood(item));
  const guarded = new Set(unknown.flatMap(({ api_ids = [] }) => api_ids as string[]));
  return items
    .filter((item) => unknown.includes(item) || (item.kind === 'api' && guarded.has(item['api_id'])))
    .map(({ id }) => ({ id, state: 'rejected', phase: 'validate', reason: 'This is not understood here.' }));
}

export async function startClient(env: Record<string, string>, random: () => number = Math.random): Promise<Agent> {
  const ended = new AbortController();
  const base = env['STOA_CONTROL_PLANE_URL'] ?? '';
  const stateDir = env['STOA_STATE_DIR'] ?? '';
  const bootId = randomUUID();
  const startedMs = performance.now();
  let key = '';
  let credential: string | undefined;
  let registered:
    | { id: string; epoch: number | undefined; intervalS: number; keys: Json[]; keysId: string | undefined; feeds: boolean; differs: boolean }
    | undefined;
  let served: Served | undefined;
  let state = 'none';
  let isStale = true;
  let trusted: Json[] = [];
  let etag: string | undefined;
  let fromNothing = false;
  let dropsMetrics = false;
  let isResting = false;
  let forbiddenUntilMs = 0;
  let registering: Promise<void> | undefined;
  let fences = 0;
  let polling = new AbortController();

  const readKey = (): void => void (key = readFileSync(env['STOA_GATEWAY_KEY_FILE'] ?? '', 'utf8').trim());
  const jitterMs = (attempt: number, capMs = minuteMs): number => 200 + random() * (Math.min(capMs, 1000 * 2 ** attempt) - 200);
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      function done(): void {
        clearTimeout(timer);
        ended.signal.removeEventListener('abort', done);
        resolve();
      }
      ended.signal.addEventListener('abort', done);
      if (ended.signal.aborted) done();
    });

  async function send(
    method: string,
    path: string,
    body?: unknown,
    { bearer = credential ?? key, timeoutMs = 0, headers = {}, signal = ended.signal } = {},
  ): Promise<Answer> {
    const limitMs = timeoutMs || Math.ceil(Math.min(10_000, ((registered?.intervalS ?? 30) * 1000) / 3));
    try {
      const response = await fetch(`${base}/v1/internal/gateways${path}`, {
        method,
        headers: { authorization: `Bearer ${bearer}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.text(), headers: response.headers };
    } catch {
      return { status: 'none', body: '', headers: new Headers() };
    }
  }

  /** How long to wait after an answer that is no success. */
  function waitMs({ status, headers }: Answer, attempt: number): number {
    const retryAfterMs = Number(headers.get('retry-after') ?? 0) * 1000;
    if (status === 429 || status === 503)
      return Math.min(10 * minuteMs, Math.max(retryAfterMs * (1 + random() * 0.2), retryAfterMs >= 1000 ? 0 : jitterMs(attempt)));
    if (status === 400 || status === 403) return 5 * minuteMs * (1 + random() * 0.2);
    if (status === 401) return jitterMs(attempt, 5 * minuteMs);
    return jitterMs(attempt);
  }

  /** What an answer changes, whichever call it is to. */
  async function take(answer: Answer): Promise<void> {
    if (answer.status === 401) {
      credential = undefined;
      readKey();
    }
    if (answer.status === 410) isResting = true;
    if (answer.status === 403) {
      isStale = true;
      forbiddenUntilMs = performance.now() + 5 * minuteMs;
      polling.abort();
    }
    if (answer.status === 404) await register();
    if (answer.status === 409 && parsed(answer.body)?.code === 'stale_epoch') {
      fences += 1;
      if (fences > 1) await pause(2.5 * minuteMs);
      await register();
    }
    if (isResting) polling.abort();
  }

  function register(): Promise<void> {
    registering ??= registerUntilItIs().finally(() => (registering = undefined));
    return registering;
  }

  async function registerUntilItIs(): Promise<void> {
    for (let attempt = 0; !ended.signal.aborted && !isResting; attempt += 1) {
      const answer = await send(
        'POST',
        '/register',
        {
          instance_name: env['STOA_INSTANCE_NAME'],
          gateway_mode: env['CONFORM_GATEWAY_MODE'],
          version: '1.0.0',
          features: ['subscriptions', 'plans'],
          environment: env['STOA_ENVIRONMENT'],
          boot_id: bootId,
          endpoints: { health: `${url}/healthz` },
        },
        { bearer: key },
      );
      const reply = answer.status === 200 ? parsed(answer.body) : undefined;
      if (typeof reply?.gateway_id === 'string' && Number.isInteger(reply.heartbeat_interval_s)) {
        const keys: Json[] = reply.signing_keys ?? [];
        const isShared = trusted.length === 0 || keys.some(({ key_id }) => trusted.some((one) => one.key_id === key_id));
        if (isShared) trusted = keys;
        registered = {
          id: reply.gateway_id,
          epoch: reply.lease_epoch,
          intervalS: Math.min(3600, Math.max(5, reply.heartbeat_interval_s)),
          keys,
          keysId: reply.signing_keys_id,
          feeds: keys.length > 0,
          differs: (reply.features ?? []).includes('config_base'),
        };
        if (reply.credential !== undefined) credential = reply.credential.token;
        keep();
        return;
      }
      if (answer.status !== 404 && answer.status !== 409) await take(answer);
      await pause(waitMs(answer, attempt));
    }
  }

  async function beats(): Promise<void> {
    await pause(random() * (registered?.intervalS ?? 30) * 1000);
    for (let seq = 0, attempt = 0; !ended.signal.aborted && !isResting; seq += 1) {
      const { id, epoch, keysId } = registered as NonNullable<typeof registered>;
      const answer = await send('POST', `/${id}/heartbeat`, {
        status: 'healthy',
        uptime_s: (performance.now() - startedMs) / 1000,
        metrics: dropsMetrics ? {} : { memory_rss_bytes: process.memoryUsage.rss() },
        ...(epoch !== undefined && { lease_epoch: epoch }),
        seq,
        config: { generation: served?.generation ?? 0, hash: served?.hash ?? '', state },
      });
      const reply = answer.status === 200 ? (answer.body === '' ? {} : parsed(answer.body)) : undefined;
      if (reply === undefined || reply === null) {
        dropsMetrics ||= [413, 415, 422].includes(answer.status as number);
        await take(answer);
        await pause([404, 409].includes(answer.status as number) ? random() * (registered?.intervalS ?? 30) * 1000 : waitMs(answer, attempt));
        attempt += 1;
        continue;
      }
      attempt = 0;
      if (registered !== undefined && Number.isInteger(reply.heartbeat_interval_s))
        registered.intervalS = Math.min(3600, Math.max(5, reply.heartbeat_interval_s));
      if (reply.credential !== undefined) credential = reply.credential.token;
      await pause((registered?.intervalS ?? 30) * 1000 * (0.9 + random() * 0.2));
      if (keysId !== undefined && reply.signing_keys_id !== undefined && reply.signing_keys_id !== keysId && !isResting) {
        await register();
        await pause(random() * 1000);
      }
    }
  }

  const heldLines = (): { id: string; hash: string }[] => (served?.items ?? []).map((item) => ({ id: item.id, hash: sha256(JSON.stringify(item)) }));

  async function feed(): Promise<void> {
    for (let attempt = 0; !ended.signal.aborted && !isResting; ) {
      if (registered?.feeds !== true) {
        await pause(500);
        continue;
      }
      if (performance.now() < forbiddenUntilMs) {
        await pause(1000);
        continue;
      }
      const { id, differs } = registered;
      const held = fromNothing || served === undefined ? sha256('') : served.list;
      polling = new AbortController();
      const answer = await send('GET', `/${id}/config?wait_s=20${differs ? `&base=${encodeURIComponent(held)}` : ''}`, undefined, {
        timeoutMs: 30_000,
        headers: etag === undefined ? {} : { 'if-none-match': etag },
        signal: AbortSignal.any([polling.signal, ended.signal]),
      });
      if (answer.status === 304) {
        isStale = false;
        attempt = 0;
        continue;
      }
      const outcome = answer.status === 200 ? judge(answer, id, differs) : undefined;
      if (outcome === undefined) {
        isStale = true;
        if (isResting || ended.signal.aborted) return;
        await take(answer);
        await pause(answer.status === 404 || answer.status === 409 ? 500 : waitMs(answer, attempt));
        attempt += 1;
        continue;
      }
      attempt = 0;
      if (outcome === 'again') continue;
      etag = answer.headers.get('etag') ?? undefined;
      if (outcome !== 'the same') await acknowledge(outcome);
    }
  }

  /** What an answer of the feed says: what to acknowledge; that it has to be asked for from nothing; undefined where it is no state at all. */
  function judge({ body }: Answer, gatewayId: string, differs: boolean): Ack | 'again' | 'the same' | undefined {
    const lines = differs ? body.split('\n') : [body, ''];
    if (lines.pop() !== '') return undefined;
    const head = parsed(lines[0] ?? '');
    if (!Number.isInteger(head?.generation) || typeof head.hash !== 'string') return undefined;
    const { generation, hash } = head;
    const reject = (ids: string[], reason: string): Ack => {
      state = 'rejected';
      return {
        generation,
        hash,
        state: 'rejected',
        items: ids.map((id) => ({ id, state: 'rejected', phase: 'validate', reason })),
        ...(differs && { unlisted_applied: true as const }),
      };
    };
    const ids: string[] = (differs ? head.changed : head.items)?.map(({ id }: { id: string }) => id) ?? [];
    const signer = (registered?.keys ?? []).find(({ key_id }: Json) => key_id === head.signature?.key_id);
    const isSigned =
      signer !== undefined &&
      verify(
        null,
        Buffer.from(`${gatewayId}\n${generation}\n${hash}`),
        createPublicKey({ key: Buffer.from(signer.public_key, 'base64url'), format: 'der', type: 'spki' }),
        Buffer.from(head.signature.value, 'base64url'),
      );
    if (!isSigned || head.gateway_id !== gatewayId) return reject(ids, 'The signature is wrong.');
    let items: Item[];
    if (differs) {
      const texts = lines.slice(1);
      const fits =
        texts.length === head.changed.length && head.changed.every((entry: Json, index: number) => sha256(texts[index] ?? '') === entry.hash);
      const before = head.base === undefined ? [] : (served?.items ?? []);
      const gone = new Set([...head.removed, ...ids]);
      items = [...before.filter((item) => !gone.has(item.id)), ...texts.map((text) => parsed(text) as Item)];
      const reached = fits ? listHash([...heldLines().filter(({ id }) => before.length > 0 && !gone.has(id)), ...head.changed]) : '';
      if (reached !== hash) {
        if (!fromNothing && head.base !== undefined) {
          fromNothing = true;
          return 'again';
        }
        return reject(ids, 'The items are not those of the list that is signed.');
      }
    } else {
      items = head.items;
      if (sha256(canonical(items)) !== hash) return reject(ids, 'The content has another hash.');
    }
    const isSame = served !== undefined && served.generation === generation && served.hash === hash;
    const rejected = outcomes(items);
    served = { generation, hash, list: listHash(items.map((item) => ({ id: item.id, hash: sha256(JSON.stringify(item)) }))), items, gatewayId };
    fromNothing = false;
    isStale = false;
    state = rejected.length > 0 ? 'applied_with_warnings' : 'applied';
    keep();
    if (isSame) return 'the same';
    const all = items.map(({ id }) => rejected.find((one) => one.id === id) ?? { id, state: 'applied' });
    return { generation, hash, state, items: differs ? rejected : all, ...(differs && { unlisted_applied: true as const }) };
  }

  async function acknowledge(ack: Ack): Promise<void> {
    for (let attempt = 0; !ended.signal.aborted && !isResting; attempt += 1) {
      const { id, epoch } = registered as NonNullable<typeof registered>;
      const answer = await send('POST', `/${id}/config/ack`, { ...(epoch !== undefined && { lease_epoch: epoch }), ...ack });
      if (answer.status === 204 || answer.status === 422) return;
      await take(answer);
      await pause(waitMs(answer, attempt));
    }
  }

  function keep(): void {
    if (served === undefined) return;
    writeFileSync(join(stateDir, 'state.new'), JSON.stringify({ served, trusted }), { mode: 0o600 });
    renameSync(join(stateDir, 'state.new'), join(stateDir, 'state.json'));
  }

  mkdirSync(stateDir, { recursive: true });
  readKey();
  try {
    ({ served, trusted } = JSON.parse(readFileSync(join(stateDir, 'state.json'), 'utf8')) as { served: Served; trusted: Json[] });
    state = 'applied';
  } catch {
    // There was no process before this one.
  }
  const probes = createServer((request, response) => {
    const config = {
      state: served === undefined ? 'none' : isStale ? 'stale' : 'fresh',
      generation: served?.generation ?? 0,
      hash: served?.hash ?? '',
    };
    if (request.url === '/healthz') return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ status: 'ok' }));
    if (served !== undefined)
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ status: 'ready', config }));
    const problem = { type: 'about:blank', title: 'Not ready', status: 503, detail: 'There is no configuration yet.' };
    response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '1' }).end(JSON.stringify(problem));
  });
  await new Promise<void>((resolve) => probes.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(probes.address() as AddressInfo).port}`;
  const running = (async () => {
    await register();
    if (!isResting && !ended.signal.aborted) await Promise.all([beats(), feed()]);
  })();
  const end = async (): Promise<void> => {
    ended.abort();
    probes.closeAllConnections();
    probes.close();
    await running;
  };
  return {
    url,
    pid: process.pid,
    log: [],
    isRunning: () => !ended.signal.aborted,
    kill: end,
    async stop() {
      const { id, epoch } = registered ?? {};
      const rests = isResting;
      await end();
      if (id !== undefined && !rests)
        await send('DELETE', `/${id}${epoch === undefined ? '' : `?lease_epoch=${epoch}`}`, undefined, { signal: new AbortController().signal });
      return 0;
    },
  };
}
