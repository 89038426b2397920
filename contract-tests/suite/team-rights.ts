import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { operations } from '@stoa/generated/operations.ts';
import type { OperationId } from '@stoa/generated/operations.ts';
import { accessOf, allows } from '@stoa/generated/permissions.ts';
import { isOwned } from '@stoa/server/access/team-rights.ts';
import type { CallOptions, ControlPlane } from '../subjects/over-http.ts';
import type { Suite } from './case.ts';
import { makeTeam, makeToken, samples } from './management/samples.ts';

/** The roles that change what teams own. */
const teamRoles = ['publisher', 'operator', 'consumer-admin'] as const;
const made: readonly OperationId[] = ['createApi', 'createMcpServer', 'createConsumer', 'createGatewayKey'];
const listed: readonly OperationId[] = ['listApis', 'listMcpServers', 'listConsumers', 'listGateways', 'listGatewayKeys'];
const madeForApis: readonly OperationId[] = ['createDeployment', 'createSubscription'];
/** Of the whole fleet, or of what is named otherwise than by an id. */
const ofNoTeam = (id: OperationId): boolean =>
  id === 'releaseBrake' || (!operations[id].path.includes('{') && ![...made, ...listed, ...madeForApis].includes(id));

/**
 * Every operation on what teams own × every role in a team: it holds for what is of the team, and for nothing else. Who may read what is of another team is refused with
 * 403, and who may not is told what he is told of what never was.
 */
export const teamRights: Suite<ControlPlane> = (check) => {
  for (const id of (Object.keys(operations) as OperationId[]).filter((each) => isOwned(accessOf(each)))) {
    const may = teamRoles.filter((role) => allows([role], id) && !ofNoTeam(id));
    check(['OPS-002'], `${id}, with a role in a team: ${may.join(', ') || 'nobody'}, for what is of that team`, async (controlPlane) => {
      const { own, other, tokens, outsider } = await worldOf(controlPlane);
      if (allows(['viewer'], id) && allows(['operator'], id)) return;
      const theirs = await ofTeam(controlPlane, id, other);
      const ours = await ofTeam(controlPlane, id, own);
      for (const role of teamRoles.filter(() => !allows(['viewer'], id))) {
        const ask = (options: CallOptions) => controlPlane.call(id, { ...options, token: tokens[role] });
        const { status, text } = await ask(theirs);
        assert.equal(status, 403, `${role} of another team: ${text}`);
        const answer = await ask(may.includes(role) ? await ofTeam(controlPlane, id, own) : ours);
        assert.ok(may.includes(role) ? answer.status < 300 : answer.status === 403, `${role} of the team got ${answer.status}: ${answer.text}`);
        if (may.includes(role)) assert.equal((await ask(await ofTeam(controlPlane, id, null))).status, 403, `${role}, of what is of no team`);
      }
      // Who reads nothing of it in the tenant.
      if (!allows(['operator'], id)) await askAsOutsider(controlPlane, id, theirs, outsider);
    });
  }
};

/** The operation that reads what another one changes. */
const readOf = (id: OperationId): OperationId =>
  (Object.keys(operations) as OperationId[]).find((each) => accessOf(each) === `${accessOf(id).split('.')[0]}.read`) ?? id;

async function askAsOutsider(controlPlane: ControlPlane, id: OperationId, theirs: CallOptions, token: string): Promise<void> {
  const { status, text } = await controlPlane.call(id, { ...theirs, token });
  const isHidden = allows(['consumer-admin'], id) && !allows(['operator'], readOf(id));
  assert.ok(
    status === 403 || (isHidden && (status === 404 || status === 422)),
    `an operator, and consumer-admin of another team, got ${status}: ${text}`,
  );
  if (status !== 404) return;
  const path = Object.fromEntries(Object.keys(theirs.path ?? {}).map((name) => [name, randomUUID()]));
  const { body } = await controlPlane.call(id, { ...theirs, path, token });
  assert.equal((JSON.parse(text) as { detail: string }).detail, body['detail'], 'as of what never was');
}

/** One call that would succeed, of something that is of a team. */
async function ofTeam(controlPlane: ControlPlane, id: OperationId, team: string | null): Promise<CallOptions> {
  const options: CallOptions = (await samples[id]?.(controlPlane)) ?? {};
  if (listed.includes(id)) return team === null ? options : { ...options, query: { ...options.query, team } };
  const body = options.body as Record<string, unknown> | undefined;
  if (made.includes(id)) return team === null ? options : { ...options, body: { ...body, team } };
  const { path = {} } = options;
  const own = (table: string, where: string, value: unknown) =>
    controlPlane.query(`UPDATE ${table} SET team = $1 WHERE ${where} AND tenant_id = $3`, [team, value, controlPlane.tenantId]);
  const { api_id, consumer_id, gateway_id, key_id, deployment_id, subscription_id, mcp_server_id } = path;
  const apiId = api_id ?? (body?.['api_id'] as string | undefined);
  if (consumer_id !== undefined) await own('consumer', 'id = $2::uuid', consumer_id);
  else if (key_id !== undefined) {
    await own('gateway_key', 'id = $2::uuid', key_id);
    // A role in a team rotates a key that is good where the team may be.
    await controlPlane.query(`UPDATE gateway_key SET environments = '{production}' WHERE id = $1::uuid`, [key_id]);
  }
  if (apiId !== undefined) await own('api', 'id = $2::uuid', apiId);
  if (mcp_server_id !== undefined) await own('mcp_server', 'id = $2::uuid', mcp_server_id);
  if (gateway_id !== undefined) await own('gateway', 'id = $2::uuid', gateway_id);
  if (deployment_id !== undefined) await own('api', 'id = (SELECT api_id FROM deployment WHERE id = $2::uuid)', deployment_id);
  if (subscription_id !== undefined) await own('api', 'id = (SELECT api_id FROM subscription WHERE id = $2::uuid)', subscription_id);
  return options;
}

type Tokens = Record<(typeof teamRoles)[number], string>;
type World = { own: string; other: string; tokens: Tokens; outsider: string };
const worlds = new WeakMap<ControlPlane, Promise<World>>();

/** Two teams, and persons who are viewers in the tenant and something in the first of the teams; and an operator in the tenant, who does not read consumers there. */
function worldOf(controlPlane: ControlPlane): Promise<World> {
  const known = worlds.get(controlPlane) ?? makeWorld(controlPlane);
  worlds.set(controlPlane, known);
  return known;
}

async function makeWorld(controlPlane: ControlPlane): Promise<World> {
  const [own, other] = [(await makeTeam(controlPlane)).name, (await makeTeam(controlPlane)).name];
  await controlPlane.call('editTeam', { path: { team: own }, body: { environments: ['production'] } });
  const person = async (tenantRole: string, teamRole: string): Promise<string> => {
    const email = `${randomUUID()}@example.com`;
    const { token, secret } = await makeToken(controlPlane, { name: email, role: tenantRole });
    await controlPlane.query(
      `WITH made AS (INSERT INTO app_user (email, name) VALUES ($1, 'person') RETURNING id),
         member AS (INSERT INTO membership (user_id, tenant_id, roles) SELECT id, $2, ARRAY[$3::text] FROM made RETURNING user_id)
       UPDATE operator_token SET user_id = (SELECT user_id FROM member) WHERE id = $4::uuid`,
      [email, controlPlane.tenantId, tenantRole, token.token_id],
    );
    await controlPlane.call('editTeam', { path: { team: own }, body: { members: [...(await membersOf()), { user: email, roles: [teamRole] }] } });
    return secret;
  };
  const membersOf = async () => (await controlPlane.call<{ members: object[] }>('getTeam', { path: { team: own } })).body.members;
  const tokens = {
    publisher: await person('viewer', 'publisher'),
    operator: await person('viewer', 'operator'),
    'consumer-admin': await person('viewer', 'consumer-admin'),
  };
  return { own, other, tokens, outsider: await person('operator', 'consumer-admin') };
}
