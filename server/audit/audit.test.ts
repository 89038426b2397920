import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChainVerifier } from '@stoa/lib/audit-chain.ts';
import type { ChainLine } from '@stoa/lib/audit-record.ts';
import type { AuditRecord, AuditVerification, Erasure } from '@stoa/generated/schemas.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { mintViewer } from '../testing/refusals.ts';
import { asGateway } from '../testing/gateways.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';
import { append } from './append.ts';
import { deliver } from './deliver.ts';
import { AuditKeeper } from './keeper.ts';
import { retain } from './retention.ts';
import { signCheckpoint } from './checkpoint.ts';
import { fileSink, httpSink } from './sinks.ts';

let plane: TestControlPlane;
let tenantId: string;
beforeAll(async () => {
  plane = await startTestControlPlane();
  tenantId = (await plane.store.prisma.tenant.findFirstOrThrow()).id;
  // The first use of the token is recorded beside what it is used for.
  await plane.request('GET', '/v1/session');
  await plane.context.audit.firstUses.stop();
});
afterAll(() => plane.close());

type Page = { items: AuditRecord[]; next_cursor: string | null };
const list = async (query = ''): Promise<AuditRecord[]> => (await plane.request<Page>('GET', `/v1/audit${query}`)).body.items;
const verify = async (): Promise<AuditVerification> => (await plane.request<AuditVerification>('GET', '/v1/audit/verification')).body;
const makeConsumer = async (name: string, labels = {}): Promise<string> =>
  (await plane.request<{ consumer_id: string }>('POST', '/v1/consumers', { body: { name, labels } })).body.consumer_id;
const exported = async (): Promise<{ text: string; type: string | null }> => {
  const answer = await fetch(`${plane.url}/v1/audit/export`, { headers: { authorization: `Bearer ${plane.adminToken}` } });
  return { text: await answer.text(), type: answer.headers.get('content-type') };
};
const linesOf = (text: string): ChainLine[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ChainLine);
/** As the owner of the tables can, who is held by no trigger that he switched off. */
async function tamper(statement: string, values: unknown[] = []): Promise<void> {
  const client = await plane.store.pool.connect();
  try {
    await client.query('ALTER TABLE audit_record DISABLE TRIGGER ALL; ALTER TABLE audit_personal DISABLE TRIGGER ALL');
    await client.query(statement, values);
  } finally {
    await client.query('ALTER TABLE audit_record ENABLE TRIGGER ALL; ALTER TABLE audit_personal ENABLE TRIGGER ALL');
    client.release();
  }
}

describe('the audit', () => {
  it('tells who did what, from where, by what and when, with the state before and after', async () => {
    const id = await makeConsumer('told', { team: 'a' });
    const headers = { 'user-agent': 'curl/8', 'x-forwarded-for': '192.0.2.7' };
    await plane.request('PATCH', `/v1/consumers/${id}`, { body: { labels: { team: 'b' } }, headers });
    const [edited, created] = await list('?kind=change&limit=2');
    expect(created).toMatchObject({
      action: 'createConsumer',
      outcome: 'done',
      object: { kind: 'consumer', id, name: 'told' },
      after: { labels: { team: 'a' } },
    });
    expect(created).not.toHaveProperty('before');
    expect(edited).toMatchObject({
      ...{
        kind: 'change',
        action: 'editConsumer',
        object: { id },
        before: { name: 'told', labels: { team: 'a' } },
        after: { labels: { team: 'b' } },
      },
      actor: { kind: 'token', name: 'first owner', address: '192.0.2.7', client: 'curl/8' },
      request_id: expect.any(String),
    });
    expect(edited?.previous).toBe(created?.hash);
    expect(edited?.seq).toBe((created?.seq ?? 0) + 1);
  });

  it('tells who made the last five changes by ?kind=change&limit=5, whatever else was recorded since', async () => {
    for (const name of ['one', 'two', 'three', 'four', 'five', 'six']) await makeConsumer(`last-${name}`);
    const viewer = await mintViewer(plane);
    await plane.request('POST', '/v1/consumers', { token: viewer, body: { name: 'refused' } });
    await plane.context.audit.counted.stop();
    await plane.request('DELETE', `/v1/consumers/${(await list('?object=last-six'))[0]?.object?.id}`);
    const last = await list('?kind=change&limit=5');
    const changes = [
      'deleteConsumer last-six',
      'createOperatorToken viewer',
      'createConsumer last-six',
      'createConsumer last-five',
      'createConsumer last-four',
    ];
    expect(last.map(({ action, object }) => `${action} ${object?.name}`)).toEqual(changes);
    expect(new Set(last.map(({ actor }) => actor.name))).toEqual(new Set(['first owner']));
  });

  it('is filtered by kind, action, actor, object, outcome and time, and paged by a cursor, the newest first', async () => {
    const id = await makeConsumer('filtered');
    const [made] = await list('?limit=1');
    const count = async (query: string) => (await list(query)).length;
    expect((await list(`?object=${id}`)).map(({ action }) => action)).toEqual(['createConsumer']);
    expect((await list('?object=filtered')).map(({ object }) => object?.id)).toEqual([id]);
    expect(await count('?object=nothing')).toBe(0);
    expect(await count('?actor=first%20owner&action=createConsumer&limit=500')).toBeGreaterThan(1);
    expect(await count(`?actor=${made?.actor.id}&kind=change&outcome=done`)).toBeGreaterThan(1);
    expect(await count('?outcome=failed')).toBe(0);
    expect((await list(`?since=${made?.at}&action=createConsumer`)).map(({ seq }) => seq)).toContain(made?.seq);
    expect((await list(`?until=${made?.at}`)).map(({ seq }) => seq)).not.toContain(made?.seq);
    const first = (await plane.request<Page>('GET', '/v1/audit?limit=2')).body;
    const second = (await plane.request<Page>('GET', `/v1/audit?limit=2&cursor=${first.next_cursor}`)).body;
    const seqs = [...first.items, ...second.items].map(({ seq }) => seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => b - a));
    expect(new Set(seqs).size).toBe(4);
    expect((await plane.request('GET', '/v1/audit?cursor=bm8')).status).toBe(400);
  });

  it('is open to owners and auditors, and shows nothing of another tenant', async () => {
    const roles = ['admin', 'publisher', 'viewer', 'auditor'];
    const found = await Promise.all(
      roles.map(async (role) => {
        const { body } = await plane.request<{ secret: string }>('POST', '/v1/operator-tokens', { body: { name: role, role } });
        return (await plane.request('GET', '/v1/audit', { token: body.secret })).status;
      }),
    );
    expect(found).toEqual([403, 403, 403, 200]);
  });

  it('has no record of a change that was undone', async () => {
    await makeConsumer('taken');
    const [last] = await list('?limit=1&kind=change');
    expect((await plane.request('POST', '/v1/consumers', { body: { name: 'taken' } })).status).toBe(409);
    expect((await list('?limit=1&kind=change'))[0]?.seq).toBe(last?.seq);
  });

  it('refuses to be changed, but by adding to it', async () => {
    const { pool } = plane.store;
    for (const statement of [
      `UPDATE audit_record SET outcome = 'done'`,
      'DELETE FROM audit_record',
      'TRUNCATE audit_record',
      `UPDATE audit_personal SET value = 'x'`,
      'DELETE FROM audit_personal',
      'TRUNCATE audit_personal',
      'DELETE FROM audit_checkpoint',
      `UPDATE audit_checkpoint SET seq = 1`,
      'DELETE FROM audit_head',
    ])
      await expect(pool.query(statement), statement).rejects.toMatchObject({ code: '42501' });
  });

  it('counts a flood of refusals in a few records', async () => {
    const viewer = await mintViewer(plane);
    const before = (await list('?limit=1'))[0]?.seq ?? 0;
    for (let batch = 0; batch < 20; batch += 1)
      await Promise.all(Array.from({ length: 50 }, () => plane.request('POST', '/v1/consumers', { token: viewer, body: { name: 'flood' } })));
    await plane.context.audit.counted.stop();
    const refusals = (await list('?kind=refusal&action=createConsumer')).filter(({ seq }) => seq > before);
    expect(refusals.map(({ detail }) => detail)).toEqual([{ code: 'missing_permission', count: 999 }, { code: 'missing_permission' }]);
    expect(refusals[0]).toMatchObject({ outcome: 'refused', actor: { kind: 'token', name: 'viewer' } });
  });

  it('tells the first use of a key and of a token, once, and nothing of heartbeats', async () => {
    const gateway = asGateway(plane, await plane.mintGatewayKey({ name: 'first used' }));
    const { body } = await gateway.register('used-01');
    await plane.context.audit.firstUses.stop();
    const before = (await list('?limit=1'))[0]?.seq;
    await gateway.heartbeat(body.gateway_id);
    await gateway.register('used-02');
    await gateway.config(body.gateway_id);
    await plane.context.audit.firstUses.stop();
    expect((await list('?limit=1'))[0]?.seq).toBe(before);
    const uses = await list('?kind=key-use&object=first%20used');
    expect(uses).toMatchObject([
      {
        action: 'firstUse',
        detail: { operation: 'registerGateway' },
        object: { kind: 'gateway_key', name: 'first used' },
        actor: { kind: 'gateway_key' },
      },
    ]);
  });

  it('is exported as JSON Lines that verify without the server, the export recorded in it', async () => {
    const { text, type } = await exported();
    expect(type).toBe('application/jsonl');
    const lines = linesOf(text);
    const verifier = new ChainVerifier(plane.context.audit.keys.publicKeys);
    for (const line of lines) {
      if (line.type === 'record') verifier.record(line);
      else verifier.checkpoint(line);
    }
    const report = verifier.end();
    expect(report).toMatchObject({ intact: true, first_seq: 1, checkpointed_to: report.last_seq });
    expect(lines.at(-2)).toMatchObject({ kind: 'export', action: 'exportAudit', seq: report.last_seq });
    expect(lines.at(-1)).toMatchObject({ type: 'checkpoint', cut: false });
  });
});

describe('erasing a consumer', () => {
  it('makes a pseudonym of it everywhere, revokes its keys, and leaves a chain that verifies', async () => {
    const id = await makeConsumer('alice', { mail: 'alice@example.com' });
    await plane.request('POST', `/v1/consumers/${id}/keys`, { body: {} });
    await plane.request('PATCH', `/v1/consumers/${id}`, { body: { name: 'alice-b' } });
    const { status, body } = await plane.request<Erasure>('POST', '/v1/consumers/erase', { body: { name: 'alice-b' } });
    expect([status, body.consumer_id]).toEqual([200, id]);
    expect((await plane.request('GET', `/v1/consumers/${id}`)).body).toMatchObject({ name: body.pseudonym, labels: {} });
    expect((await plane.request('GET', `/v1/consumers/${id}/keys`)).body).toMatchObject({ items: [{ state: 'revoked' }] });
    expect((await exported()).text).not.toContain('alice');
    expect((await list(`?object=${id}`)).map(({ action, object }) => [action, object?.name])).toContainEqual(['createConsumer', body.pseudonym]);
    expect(await verify()).toMatchObject({ intact: true, erased: body.fields });
    expect(JSON.stringify(await list('?action=eraseConsumer'))).not.toContain('alice');
  });

  it('finds one that was deleted by a name that it had, and nobody by another', async () => {
    const id = await makeConsumer('bert');
    await plane.request('DELETE', `/v1/consumers/${id}`);
    expect((await plane.request('POST', '/v1/consumers/erase', { body: { name: 'bert' } })).status).toBe(200);
    expect((await plane.request('POST', '/v1/consumers/erase', { body: { name: 'bert' } })).status).toBe(404);
    expect((await exported()).text).not.toContain('bert');
    expect(await verify()).toMatchObject({ intact: true });
  });
});

describe('verifying after somebody', () => {
  const faults = async () => (await verify()).faults.map(({ seq, fault }) => `${seq} ${fault}`);
  /** Three records of one actor, the numbers of which are answered. */
  async function three(): Promise<[number, number, number]> {
    const names = [1, 2, 3].map((n) => `tampered-${n}-${Math.random().toString(36).slice(2)}`);
    for (const name of names) await makeConsumer(name);
    const [c, b, a] = (await list('?limit=3&action=createConsumer')).map(({ seq }) => seq);
    return [a ?? 0, b ?? 0, c ?? 0];
  }

  it.each([
    ['action', `'deleteConsumer'`],
    ['outcome', `'refused'`],
    ['at', `at - interval '1 day'`],
    ['actor_id', `'somebody else'`],
    ['after', `'{"consumer_id": "another"}'`],
    ['commitments', `'{}'`],
  ])('changed the %s of a record, says which', async (column, value) => {
    const [, seq] = await three();
    const row = await plane.store.pool.query<Record<string, unknown>>(`SELECT ${column} AS was FROM audit_record WHERE tenant_id = $1 AND seq = $2`, [
      tenantId,
      seq,
    ]);
    await tamper(`UPDATE audit_record SET ${column} = ${value} WHERE tenant_id = $1 AND seq = $2`, [tenantId, seq]);
    expect(await faults()).toContain(`${seq} changed`);
    const was = row.rows[0]?.['was'];
    const given = typeof was === 'object' && !(was instanceof Date) ? JSON.stringify(was) : was;
    await tamper(`UPDATE audit_record SET ${column} = $3 WHERE tenant_id = $1 AND seq = $2`, [tenantId, seq, given]);
    expect(await faults()).toEqual([]);
  });

  it('changed a name, or made a pseudonym of it, says which', async () => {
    const [, seq] = await three();
    const ofName = `WHERE tenant_id = $1 AND seq = $2 AND field = 'actor.name'`;
    await tamper(`UPDATE audit_personal SET value = '"Eve"' ${ofName}`, [tenantId, seq]);
    expect(await faults()).toEqual([`${seq} changed`]);
    await tamper(`UPDATE audit_personal SET value = '"first owner"' ${ofName}`, [tenantId, seq]);
    expect(await faults()).toEqual([]);
  });

  it('exchanged two records, says which', async () => {
    const [a, , c] = await three();
    const swap = async () => {
      for (const table of ['audit_record', 'audit_personal']) {
        await tamper(`UPDATE ${table} SET seq = -1 WHERE tenant_id = $1 AND seq = $2`, [tenantId, a]);
        await tamper(`UPDATE ${table} SET seq = $2 WHERE tenant_id = $1 AND seq = $3`, [tenantId, a, c]);
        await tamper(`UPDATE ${table} SET seq = $2 WHERE tenant_id = $1 AND seq = -1`, [tenantId, c]);
      }
    };
    await swap();
    expect(await faults()).toEqual([`${a} reordered`, `${c} reordered`]);
    await swap();
    expect(await faults()).toEqual([]);
  });

  it('gave a record a number far away, says which, and looks for none of those between', async () => {
    const [, , seq] = await three();
    const far = 9_000_000_000_000;
    const move = (from: number, to: number) => tamper('UPDATE audit_record SET seq = $3 WHERE tenant_id = $1 AND seq = $2', [tenantId, from, to]);
    await move(seq, far);
    expect(await faults()).toEqual(expect.arrayContaining([`${seq} removed`, `${far} changed`]));
    await move(far, seq);
    expect(await faults()).toEqual([]);
  });

  it('removed a record, says which, in an export too', async () => {
    const [, seq] = await three();
    await tamper('DELETE FROM audit_record WHERE tenant_id = $1 AND seq = $2', [tenantId, seq]);
    expect(await faults()).toEqual([`${seq} removed`]);
    const verifier = new ChainVerifier(plane.context.audit.keys.publicKeys);
    for (const line of linesOf((await exported()).text)) {
      if (line.type === 'record') verifier.record(line);
      else verifier.checkpoint(line);
    }
    expect(verifier.end().faults).toMatchObject([{ seq, fault: 'removed' }]);
  });
});

describe('with a chain of its own,', () => {
  const log = createLogger({ program: 'test', level: 'silent' });
  const pool = () => plane.store.pool;
  /** A tenant with so many records of the given age. */
  async function chainOf(records: number): Promise<string> {
    const { id } = await plane.store.prisma.tenant.create({ data: { name: `chain-${Math.random()}` } });
    const entry = { kind: 'change', action: 'createConsumer', outcome: 'done', actor: { kind: 'server' } } as const;
    await append(
      pool(),
      id,
      Array.from({ length: records }, () => entry),
    );
    return id;
  }
  const age = (id: string, upTo: number) =>
    tamper(`UPDATE audit_record SET at = at - interval '10 days' WHERE tenant_id = $1 AND seq <= $2`, [id, upTo]);
  const kept = async (id: string) =>
    (await pool().query<{ seq: string }>('SELECT seq FROM audit_record WHERE tenant_id = $1 ORDER BY seq', [id])).rows.map(({ seq }) => Number(seq));

  it('deletes what is older than its time behind a signed cut, and not before every sink has it', async () => {
    const id = await chainOf(5);
    await age(id, 3);
    await retain(pool(), plane.context.audit.keys, { days: 7, sinks: ['file:never written'] });
    expect(await kept(id)).toEqual([1, 2, 3, 4, 5]);
    await retain(pool(), plane.context.audit.keys, { days: 7, sinks: [] });
    expect(await kept(id)).toEqual([4, 5]);
    const { rows } = await pool().query('SELECT seq::int, cut FROM audit_checkpoint WHERE tenant_id = $1', [id]);
    expect(rows).toEqual([{ seq: 3, cut: true }]);
    await expect(pool().query('DELETE FROM audit_record WHERE tenant_id = $1', [id])).rejects.toMatchObject({ code: '42501' });
  });

  it('signs a checkpoint by itself, once', async () => {
    const id = await chainOf(2);
    const keeper = new AuditKeeper({ pool: pool(), keys: plane.context.audit.keys, log, sinks: [], retentionDays: undefined });
    await keeper.look();
    await keeper.look();
    const { rows } = await pool().query('SELECT seq::int, cut FROM audit_checkpoint WHERE tenant_id = $1', [id]);
    expect(rows).toEqual([{ seq: 2, cut: false }]);
  });

  it('brings a file every record, goes on where it was, and mends a line that a kill cut off', async () => {
    const id = await chainOf(3);
    const dir = await mkdtemp(join(tmpdir(), 'stoa-audit-'));
    const path = join(dir, 'audit.jsonl');
    const sink = fileSink(path);
    const own = async () => linesOf(await readFile(path, 'utf8')).filter((line) => line.tenant === id);
    const { signal } = new AbortController();
    await deliver(pool(), sink, id, signal);
    expect((await own()).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    await append(pool(), id, [{ kind: 'change', action: 'createConsumer', outcome: 'done', actor: { kind: 'server' } }]);
    await signCheckpoint(pool(), plane.context.audit.keys, id, await headOf(id));
    // Another process, as after a restart: while the first holds the sink, it brings nothing.
    await deliver(pool(), sink, tenantId, signal);
    expect(await own()).toHaveLength(3);
    await deliver(pool(), sink, id, signal);
    expect((await own()).map(({ type, seq }) => `${type} ${seq}`)).toEqual(['record 1', 'record 2', 'record 3', 'record 4', 'checkpoint 4']);
    await rm(dir, { recursive: true });
  });

  it('brings an HTTP sink each batch until it takes it, with the token', async () => {
    const id = await chainOf(2);
    const came: { token: string | undefined; seqs: number[] }[] = [];
    let status = 503;
    const server = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      const seqs = linesOf(text).flatMap((line) => (line.tenant === id ? [line.seq] : []));
      if (seqs.length > 0) came.push({ token: request.headers.authorization, seqs });
      response.writeHead(status).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const sink = httpSink(`http://127.0.0.1:${(server.address() as AddressInfo).port}/audit`, undefined);
    const { signal } = new AbortController();
    // Every tenant before this one is brought first, and the first is refused.
    await expect(deliver(pool(), sink, id, signal)).rejects.toThrow('status 503');
    status = 204;
    await deliver(pool(), sink, id, signal);
    await deliver(pool(), sink, id, signal);
    expect(came.at(-1)?.seqs).toEqual([1, 2]);
    expect(came.filter(({ seqs }) => seqs.length > 0).length).toBeLessThanOrEqual(2);
    server.close();
  });

  async function headOf(id: string): Promise<{ seq: number; hash: string }> {
    const { rows } = await pool().query<{ seq: string; hash: string }>('SELECT seq, hash FROM audit_head WHERE tenant_id = $1', [id]);
    return { seq: Number(rows[0]?.seq), hash: rows[0]?.hash ?? '' };
  }
});
