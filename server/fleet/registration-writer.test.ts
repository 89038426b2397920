import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { GatewayKeyPrincipal } from '../access/principal.ts';
import { asGateway, getGateway, registration } from '../testing/gateways.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';

let plane: TestControlPlane;
let gateways: ReturnType<typeof asGateway>;
let principal: GatewayKeyPrincipal;

beforeAll(async () => {
  plane = await startTestControlPlane();
  gateways = asGateway(plane, await plane.mintGatewayKey());
  const key = await plane.store.prisma.gateway_key.findFirstOrThrow();
  principal = { kind: 'gateway_key', tenantId: key.tenant_id, keyId: key.id, environments: [], modes: [], instanceName: undefined };
});
afterAll(() => plane.close());

const write = (name: string, more: Record<string, unknown> = {}, by = principal, signal = new AbortController().signal) =>
  plane.context.registrations.write(by, registration(name, more) as Parameters<typeof plane.context.registrations.write>[1], {
    signal,
    signingKey: 'key-1',
  });
const transactions = async () => Number((await plane.store.pool.query<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid')).rows[0]?.xid);

it('makes many that come at once known in few statements, and each of them alone', async () => {
  const before = await transactions();
  const registered = await Promise.all(Array.from({ length: 400 }, (_, n) => write(`many-${n}`)));
  expect(new Set(registered.map((one) => one?.id)).size).toBe(400);
  expect((await transactions()) - before).toBeLessThan(20);
  expect((await getGateway(plane, registered[123]?.id ?? '')).instance_name).toBe('many-123');
});

it('writes several of one name in the order they came in', async () => {
  const boots = Array.from({ length: 6 }, () => randomUUID());
  const epochs = await Promise.all(boots.map((boot_id) => write('again', { boot_id })));
  expect(epochs.map((one) => one?.lease_epoch)).toEqual([1, 2, 3, 4, 5, 6]);
});

it('writes nothing of one who went away before his turn, and all of the others', async () => {
  const gone = new AbortController();
  const settling = Promise.allSettled([write('stays-1'), write('went', {}, principal, gone.signal), write('stays-2')]);
  // Their batch begins with the next turn of the event loop.
  gone.abort();
  expect((await settling).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await plane.store.prisma.gateway.findMany({ where: { instance_name: 'went' } })).toEqual([]);
});

it('judges each by its own key: one that is not good for what stands there gets nothing, the others of the moment do', async () => {
  await write('edge');
  const narrow = { ...principal, modes: ['connect'] };
  const registered = await Promise.all([
    write('edge'),
    write('edge', { gateway_mode: 'connect' }, narrow),
    write('other', { gateway_mode: 'connect' }, narrow),
  ]);
  expect(registered.map((one) => one !== undefined)).toEqual([true, false, true]);
});

it('does not let one that cannot be stored fail the others', async () => {
  const settled = await Promise.allSettled(Array.from({ length: 9 }, (_, n) => write(`with-bad-${n}`, n === 4 ? { labels: { a: '\0' } } : {})));
  expect(settled.map(({ status }) => status)).toEqual(settled.map((_, n) => (n === 4 ? 'rejected' : 'fulfilled')));
});

it('lets no gateway keep the name of a team that was deleted while it registered, and keeps nobody from deleting it', async () => {
  const { tenantId } = principal;
  const inTeam = async (team: string) => {
    await plane.request('POST', '/v1/teams', { body: { name: team } });
    return { ...principal, team };
  };
  const deleting = await plane.store.pool.connect();
  try {
    const key = await inTeam('leaving');
    const { id } = (await write('of-a-team', {}, key)) ?? { id: '' };
    const teamOf = async (name: string) => (await plane.store.prisma.gateway.findFirst({ where: { instance_name: name } }))?.team;
    expect(await teamOf('of-a-team')).toBe('leaving');
    // As `deleteTeam` goes about it.
    await deleting.query('BEGIN');
    await deleting.query('SELECT FROM team WHERE tenant_id = $1 AND name = $2 FOR UPDATE', [tenantId, 'leaving']);
    const waiting = Promise.all([
      write('of-a-team', { version: '9.9.9' }, key),
      write('of-none-yet', {}, key),
      write('team-alone', {}, { ...key, teamOnly: true }),
    ]);
    const blocked = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%WITH asked AS%'`;
    await expect.poll(async () => (await plane.store.pool.query(blocked)).rowCount, { timeout: 20_000 }).toBeGreaterThan(0);
    // It waits with no gateway in its hands.
    await deleting.query(`SET LOCAL lock_timeout = '10s'`);
    await deleting.query('UPDATE gateway SET team = NULL WHERE tenant_id = $1 AND team = $2', [tenantId, 'leaving']);
    await deleting.query('DELETE FROM team WHERE tenant_id = $1 AND name = $2', [tenantId, 'leaving']);
    await deleting.query('COMMIT');
    const registered = await waiting;
    expect(registered.map((one) => one !== undefined)).toEqual([true, true, false]);
    expect(registered[0]?.id).toBe(id);
    expect([await teamOf('of-a-team'), await teamOf('of-none-yet'), await teamOf('team-alone')]).toEqual([null, null, undefined]);
  } finally {
    deleting.release();
  }
});

it('answers those who find no room before it has read them, with a time of their own, and everyone that it let wait', async () => {
  const { registrations, authenticator } = plane.context;
  // The key stays known for as long as the crowd takes to gather: one that is looked up meanwhile waits for the database, as it should.
  const principal = await authenticator.authenticate(gateways.token);
  const known = vi.spyOn(authenticator, 'remembered').mockReturnValue(principal);
  const waiting: Promise<unknown>[] = [];
  while (registrations.refusal() === undefined) waiting.push(write(`crowd-${waiting.length}`));
  // The whole turn of the event loop is ours until here; a head alone, whose body never comes, is answered.
  const socket = connect(Number(new URL(plane.url).port), '127.0.0.1');
  socket.write(
    `POST /v1/internal/gateways/register HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${gateways.token}\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n`,
  );
  const full = new Promise<void>((resolve) => {
    const fill = () => {
      while (registrations.refusal() === undefined) waiting.push(write(`crowd-${waiting.length}`));
      if (!socket.destroyed && !answered) setImmediate(fill);
      else resolve();
    };
    let answered = false;
    socket.once('data', () => (answered = true));
    fill();
  });
  const [answer] = (await once(socket, 'data')) as [Buffer];
  await full;
  known.mockRestore();
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 503 .*\r\nRetry-After: [1-9]\d*\r\n.*"detail":"The server is overloaded/s);
  socket.destroy();
  await expect(write('one-more').catch((error: { status: number; retryAfterS: number }) => [error.status, error.retryAfterS > 0])).resolves.toEqual([
    503,
    true,
  ]);
  expect((await Promise.allSettled(waiting)).filter(({ status }) => status === 'rejected')).toEqual([]);
  expect(await write('afterwards')).toBeDefined();
});
