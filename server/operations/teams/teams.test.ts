import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Api, Consumer, ConsumerList, Gateway, GatewayList, MintedGatewayKey, Session, Team, TeamList } from '@stoa/generated/schemas.ts';
import { asGateway } from '../../testing/gateways.ts';
import { askForToken, codeFor, commandLine } from '../../testing/oauth-client.ts';
import { joinBy } from '../../testing/person.ts';
import { expectGuarded } from '../../testing/refusals.ts';
import { ScriptedBrowser } from '../../testing/scripted-browser.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

let plane: TestControlPlane;
/** A viewer in the tenant. */
let bob: string;
beforeAll(async () => {
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent' });
  const { body } = await plane.request<{ url: string }>('POST', '/v1/invitations', { body: { email: 'bob@example.com', roles: ['viewer'] } });
  const person = await joinBy(plane, body.url, 'bob@example.com');
  const issuer = `${plane.url}/oidc`;
  bob = (await askForToken(issuer, await codeFor(issuer, commandLine, new ScriptedBrowser(plane.url), person))).body.access_token;
});
afterAll(() => plane.close());

type Problem = { status?: number; code?: string; detail?: string; errors?: { pointer: string; message: string }[] };
const create = (body: object, token = plane.adminToken) => plane.request<Team & Problem>('POST', '/v1/teams', { body, token });
const edit = (name: string, body: object, headers: Record<string, string> = {}) =>
  plane.request<Team & Problem>('PATCH', `/v1/teams/${name}`, { body, headers });
const asBob = <Body>(method: string, path: string, body?: object) =>
  plane.request<Body & Problem>(method, path, { token: bob, ...(body && { body }) });
const member = (...roles: string[]) => ({ user: 'bob@example.com', roles });
const document = { openapi: '3.1.0', info: { title: 'T', version: '1' }, servers: [{ url: 'https://t.example' }], paths: {} };

it('answers 401 and 403 to whoever may not, and makes, lists, changes and deletes teams', async () => {
  await expectGuarded(plane, [
    { method: 'GET', path: '/v1/teams' },
    { method: 'POST', path: '/v1/teams', body: { name: 'x' } },
    { method: 'PATCH', path: '/v1/teams/x', body: {} },
    { method: 'DELETE', path: '/v1/teams/x' },
  ]);
  const made = await create({ name: 'a-team', description: 'Sells', members: [member('publisher')] });
  expect(made.body).toMatchObject({ name: 'a-team', description: 'Sells', members: [member('publisher')], created_by: { kind: 'token' } });
  expect((await create({ name: 'a-team' })).body).toMatchObject({ status: 409, code: 'name_taken' });
  await create({ name: 'b-team' });
  const first = (await plane.request<TeamList>('GET', '/v1/teams?limit=1')).body;
  const second = (await plane.request<TeamList>('GET', `/v1/teams?limit=1&cursor=${first.next_cursor}`)).body;
  expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(['a-team', 'b-team']);
  const seen = { 'if-match': made.headers.get('etag') ?? '' };
  expect((await edit('a-team', { description: null, members: [] }, seen)).body).toMatchObject({ members: [], updated_by: { kind: 'token' } });
  expect((await edit('a-team', { description: 'x' }, seen)).status).toBe(412);
  for (const name of ['a-team', 'b-team']) expect((await plane.request('DELETE', `/v1/teams/${name}`)).status).toBe(204);
  expect((await plane.request('GET', '/v1/teams/a-team')).status).toBe(404);
});

it('takes members of the tenant alone, each once, and gives no more than the giver has', async () => {
  const { body } = await create({ name: 'strict', members: [member('viewer'), member('operator'), { user: 'eve@example.com', roles: ['viewer'] }] });
  expect(body.errors).toEqual([
    { pointer: '/body/members/1/user', message: 'is there twice' },
    { pointer: '/body/members/2/user', message: expect.stringContaining('invite this person first') },
  ]);
  const { body: minted } = await plane.request<{ secret: string }>('POST', '/v1/operator-tokens', { body: { name: 'admin', role: 'admin' } });
  expect((await create({ name: 'strict', members: [member('owner')] }, minted.secret)).body).toMatchObject({
    status: 403,
    code: 'more_than_own_rights',
  });
});

it('holds a role in a team to what the team owns, from the next request on', async () => {
  await create({ name: 'shop', members: [member('publisher', 'consumer-admin', 'operator')] });
  await create({ name: 'cards' });
  expect((await asBob<Session>('GET', '/v1/session')).body).toMatchObject({
    roles: ['viewer'],
    teams: [{ team: 'shop', roles: ['publisher', 'consumer-admin', 'operator'] }],
  });
  const api = (await asBob<Api>('POST', '/v1/apis', { name: 'orders', document, team: 'shop' })).body;
  expect(api.team).toBe('shop');
  expect((await asBob('POST', '/v1/apis', { name: 'free', document })).body).toMatchObject({
    status: 403,
    detail: expect.stringContaining('say which with `team`'),
  });
  expect((await asBob('POST', '/v1/apis', { name: 'foreign', document, team: 'cards' })).body.detail).toBe(
    'You have the permission apis.write for what is of the team shop, and cards is none of them.',
  );
  expect((await asBob('POST', '/v1/deployments', { api_id: api.api_id, targets: { modes: ['connect'] } })).status).toBe(201);
  expect((await asBob('PATCH', `/v1/apis/${api.api_id}`, { labels: { a: 'b' } })).status).toBe(200);
  const { body: machine } = await plane.request<{ secret: string }>('POST', '/v1/operator-tokens', { body: { name: 'machine', role: 'viewer' } });
  expect((await plane.request('PATCH', `/v1/apis/${api.api_id}`, { body: { labels: {} }, token: machine.secret })).status).toBe(403);
  for (const team of ['cards', null]) expect((await asBob('PATCH', `/v1/apis/${api.api_id}`, { team })).status).toBe(403);

  const consumer = (await asBob<Consumer>('POST', '/v1/consumers', { name: 'app', team: 'shop' })).body;
  expect((await asBob('POST', `/v1/consumers/${consumer.consumer_id}/keys`, {})).status).toBe(201);
  expect((await asBob('POST', '/v1/subscriptions', { api_id: api.api_id, consumer_name: 'app' })).status).toBe(201);
  await plane.request('PATCH', `/v1/consumers/${consumer.consumer_id}`, { body: { team: 'cards' } });
  expect((await asBob('DELETE', `/v1/consumers/${consumer.consumer_id}`)).body.detail).toContain('this consumer is of the team cards');
  expect((await plane.request<ConsumerList>('GET', '/v1/consumers?team=cards')).body.items.map(({ name }) => name)).toEqual(['app']);
  expect((await plane.request<ConsumerList>('GET', '/v1/consumers?team=shop')).body.items).toEqual([]);

  const mint = { name: 'edge', team: 'shop', environments: ['production'] };
  expect((await asBob('POST', '/v1/gateway-keys', mint)).body.detail).toContain('mints gateway keys in no environment');
  await edit('shop', { environments: ['production'] });
  for (const environments of [[], ['staging'], ['production', 'staging']])
    expect((await asBob('POST', '/v1/gateway-keys', { ...mint, environments })).body.detail).toContain('in production alone');
  const { key, secret } = (await asBob<MintedGatewayKey>('POST', '/v1/gateway-keys', mint)).body;
  expect(key.team).toBe('shop');
  const { gateway_id } = (await asGateway(plane, secret).register('edge-1')).body;
  expect((await plane.request<Gateway>('GET', `/v1/gateways/${gateway_id}`)).body.team).toBe('shop');
  expect((await plane.request<GatewayList>('GET', '/v1/gateways?team=shop')).body.items).toHaveLength(1);
  expect((await plane.request<GatewayList>('GET', '/v1/gateways?team=cards&sort=worst')).body.items).toEqual([]);
  const other = (await asGateway(plane, await plane.mintGatewayKey()).register('edge-2')).body;
  await isHeldToItsTeam(secret, other.gateway_id);
  expect((await asBob('DELETE', `/v1/gateways/${other.gateway_id}`)).body.detail).toContain('is of no team');
  expect((await asBob('DELETE', `/v1/gateways/${gateway_id}`)).status).toBe(204);

  await edit('shop', { environments: ['production', 'staging'] });
  const both = (await asBob<MintedGatewayKey>('POST', '/v1/gateway-keys', { ...mint, name: 'both', environments: ['production', 'staging'] })).body;
  await edit('shop', { environments: ['staging'] });
  expect((await asGateway(plane, both.secret).register('edge-3')).status).toBe(403);
  expect((await asGateway(plane, both.secret).register('edge-3', { environment: 'staging' })).status).toBe(200);
  expect((await asGateway(plane, secret).register('edge-1')).status).toBe(401);
  await plane.request('DELETE', `/v1/gateway-keys/${both.key.key_id}`);

  await edit('shop', { members: [] });
  expect((await asBob('PATCH', `/v1/apis/${api.api_id}`, { labels: {} })).body).toMatchObject({ status: 403, code: 'missing_permission' });
  expect((await plane.request<Problem>('DELETE', '/v1/teams/shop')).body).toMatchObject({
    status: 409,
    code: 'team_owns',
    detail: expect.stringContaining('owns 1 APIs:'),
  });
  await plane.request('PATCH', `/v1/apis/${api.api_id}`, { body: { team: null } });
  await plane.request('DELETE', `/v1/gateway-keys/${key.key_id}`);
  expect((await plane.request('DELETE', '/v1/teams/shop')).status).toBe(204);
  expect((await plane.request<Problem>('PATCH', `/v1/apis/${api.api_id}`, { body: { team: 'shop' } })).body.errors).toEqual([
    { pointer: '/body/team', message: 'is no team: make shop first' },
  ]);
});

/** `edge-2` is of no team. */
async function isHeldToItsTeam(minted: string, gatewayId: string) {
  const ofAnAdmin = (body: object) =>
    plane.request<MintedGatewayKey>('POST', '/v1/gateway-keys', { body: { name: 'of an admin', team: 'shop', ...body } });
  const everywhere = (await ofAnAdmin({})).body.key;
  // Its secret would be good in environments that are not open to the team.
  expect((await asBob('POST', `/v1/gateway-keys/${everywhere.key_id}/rotate`, {})).body.detail).toContain('in production alone');
  await plane.request('DELETE', `/v1/gateway-keys/${everywhere.key_id}`);
  const { key, secret } = (await ofAnAdmin({ environments: ['production'] })).body;
  const rotated = (await asBob<MintedGatewayKey>('POST', `/v1/gateway-keys/${key.key_id}/rotate`, {})).body;
  for (const held of [minted, rotated.secret]) {
    const gateway = asGateway(plane, held);
    for (const refused of [await gateway.register('edge-2'), await gateway.heartbeat(gatewayId), await gateway.config(gatewayId)])
      expect(refused).toMatchObject({ status: 403, body: { detail: expect.stringContaining('is not of the team shop') } });
  }
  const teamOf = async () => (await plane.request<Gateway>('GET', `/v1/gateways/${gatewayId}`)).body.team;
  expect(await teamOf()).toBeUndefined();
  await asGateway(plane, secret).register('edge-2');
  expect(await teamOf()).toBe('shop');
  expect((await asGateway(plane, minted).heartbeat(gatewayId)).status).toBe(200);
  await asGateway(plane, await plane.mintGatewayKey()).register('edge-2');
  for (const { key_id } of [key, rotated.key]) await plane.request('DELETE', `/v1/gateway-keys/${key_id}`);
}
