import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Deployment } from '@stoa/generated/schemas.ts';
import { controlPlaneContract, managementContract } from '../../document/contract.ts';
import type { Entry } from '../../document/contract.ts';
import type { CallOptions, ControlPlane } from '../../subjects/over-http.ts';
import type { Suite } from '../case.ts';
import { defineApi } from '../control-plane/configuration.ts';
import { register } from '../control-plane/samples.ts';
import {
  asPerson,
  apiBody,
  makeApproval,
  makeConsumer,
  makeConsumerKey,
  issuerBody,
  makeDeployment,
  makeIssuer,
  makeMcpServer,
  makeToolSet,
  toolSetBody,
  mcpServerBody,
  makePlan,
  makePolicy,
  makeServiceAccount,
  makeSubscription,
  makeTeam,
  policyBody,
  samples,
  serviceAccountBody,
  slug,
} from './samples.ts';
import type { Sample } from './samples.ts';

/** Why a documented status is not asked for here. A status that is neither provoked nor named here fails the suite. */
const elsewhere: Readonly<Record<string, string>> = {
  202: 'approvals.test.ts has every operation wait that may',
  401: 'authentication.ts asks every operation',
  403: 'authentication.ts asks every operation',
  429: 'it takes a flood to provoke',
  500: 'only a defect provokes it',
  503: "the server's own tests take the database away",
};

/** The same of one operation. */
const ofItsOwn: Readonly<Record<string, string>> = {
  'createInvitation 409': 'only a server with an external issuer answers it',
  'createApproval 200': 'approvals.test.ts asks twice',
  'createApproval 409': 'only a deployment that is made while the demand is set provokes it',
};

const differently =
  (id: string, change: (options: CallOptions) => CallOptions): Sample =>
  async (controlPlane) =>
    change((await samples[id]?.(controlPlane)) ?? {});
const strangers = (entry: Entry): Record<string, string> =>
  Object.fromEntries(
    controlPlaneContract
      .parameters(entry)
      .filter(({ in: place }) => place === 'path')
      .map(({ name }) => [name, randomUUID()]),
  );
const mebibyte = 1024 * 1024;

/** How any operation is brought to a status, from what the document says of it. */
const generic: Readonly<Record<string, (entry: Entry) => Sample | undefined>> = {
  400: (entry) => {
    const { id, operation } = entry;
    if (operation.requestBody !== undefined) return differently(id, (options) => ({ ...options, body: { surprise: 1 } }));
    const parameters = controlPlaneContract.parameters(entry);
    const [first] = parameters.filter(({ in: place }) => place === 'path');
    if (first !== undefined) return async () => ({ path: { ...strangers(entry), [first.name]: 'not-a-uuid' } });
    if (parameters.some(({ name }) => name === 'limit')) return async () => ({ query: { limit: 0 } });
    return parameters.some(({ name }) => name === 'from') ? async () => ({ query: { from: 'yesterday' } }) : undefined;
  },
  404: (entry) => differently(entry.id, (options) => ({ ...options, path: strangers(entry) })),
  412: ({ id }) => differently(id, (options) => ({ ...options, headers: { 'if-match': '"of-another-state"' } })),
  413: ({ id }) => differently(id, (options) => ({ ...options, body: { padding: 'x'.repeat(11 * mebibyte) } })),
  415: ({ id }) => differently(id, (options) => ({ ...options, body: 'a: b', headers: { ...options.headers, 'content-type': 'application/toml' } })),
};

/** The one owner of the tenant who can sign in. */
async function lastOwner(controlPlane: ControlPlane): Promise<string> {
  const { path } = (await samples['getUser']?.(controlPlane)) ?? {};
  const user_id = path?.['user_id'] ?? '';
  await controlPlane.query(`UPDATE membership SET roles = CASE WHEN user_id = $2 THEN '{owner}' ELSE '{viewer}' END::text[] WHERE tenant_id = $1`, [
    controlPlane.tenantId,
    user_id,
  ]);
  return user_id;
}

/** Where it takes knowledge of what the operation does. */
const particular: Readonly<Record<string, Sample>> = {
  'getGatewayModes 400': async () => ({ query: { instances: 'perhaps' } }),
  'streamGatewayEvents 400': async () => ({ query: { after: 'yesterday' } }),
  'releaseBrake 400': async () => ({ path: { environment: 'Not A Name' } }),
  'createApi 409': async (controlPlane) => ({ body: apiBody({ name: (await defineApi(controlPlane)).name }) }),
  'updateApi 409': async (controlPlane) => {
    const [one, two] = [await defineApi(controlPlane), await defineApi(controlPlane)];
    return { path: { api_id: one.api_id }, body: apiBody({ name: two.name }) };
  },
  'getApiRevision 404': async (controlPlane) => ({ path: { api_id: (await defineApi(controlPlane)).api_id, revision: '7' } }),
  'editApi 409': async (controlPlane) => {
    const [one, two] = [await defineApi(controlPlane), await defineApi(controlPlane)];
    return { path: { api_id: one.api_id }, body: { name: two.name } };
  },
  'editApi 422': async (controlPlane) => ({
    path: { api_id: (await defineApi(controlPlane)).api_id },
    body: { upstream_url: 'ftp://127.0.0.1' },
  }),
  'createApi 422': async () => ({ body: apiBody({ document: { swagger: '2.0', info: {}, paths: {} } }) }),
  'updateApi 422': async (controlPlane) => ({
    path: { api_id: (await defineApi(controlPlane)).api_id },
    body: apiBody({ document: 'no: document' }),
  }),
  'createPolicy 409': async (controlPlane) => ({ body: policyBody({ name: (await makePolicy(controlPlane)).name }) }),
  'updatePolicy 409': async (controlPlane) => {
    const [one, two] = [await makePolicy(controlPlane), await makePolicy(controlPlane)];
    return { path: { policy_id: one.policy_id }, body: policyBody({ name: two.name }) };
  },
  'createPolicy 422': async () => ({ body: policyBody({ attached_to: [{ api_id: randomUUID() }] }) }),
  'updatePolicy 422': async (controlPlane) => ({
    path: { policy_id: (await makePolicy(controlPlane)).policy_id },
    body: policyBody({ policy: { kind: 'tool_access', config: { cedar: 'permit everything' } } }),
  }),
  'createConsumer 409': async (controlPlane) => ({ body: { name: (await makeConsumer(controlPlane)).name } }),
  'editConsumer 409': async (controlPlane) => {
    const [one, two] = [await makeConsumer(controlPlane), await makeConsumer(controlPlane)];
    return { path: { consumer_id: one.consumer_id }, body: { name: two.name } };
  },
  'createServiceAccount 409': async (controlPlane) => ({ body: serviceAccountBody({ name: (await makeServiceAccount(controlPlane)).name }) }),
  'rotateServiceAccount 409': async (controlPlane) => {
    const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
    const account = await makeServiceAccount(controlPlane, { public_keys: [{ kty: 'OKP', crv: 'Ed25519', x }] });
    return { path: { service_account_id: account.service_account_id }, body: {} };
  },
  'editServiceAccount 409': async (controlPlane) => {
    const [one, two] = [await makeServiceAccount(controlPlane), await makeServiceAccount(controlPlane)];
    return { path: { service_account_id: one.service_account_id }, body: { name: two.name } };
  },
  'listPersonalTokens 400': async (controlPlane) => ({ ...(await asPerson(controlPlane)), query: { limit: 0 } }),
  'revokePersonalToken 400': async (controlPlane) => ({ ...(await asPerson(controlPlane)), path: { token_id: 'not-a-uuid' } }),
  'createPersonalToken 409': async (controlPlane) => {
    const person = await asPerson(controlPlane);
    await controlPlane.query(
      `INSERT INTO operator_token (tenant_id, user_id, name, hmac, hint, expires_at)
       SELECT tenant_id, user_id, 'one of many', sha256(id::text::bytea || n::text::bytea), '', now() + interval '1 day'
       FROM (SELECT * FROM operator_token WHERE tenant_id = $1 AND kind = 'session' ORDER BY created_at DESC LIMIT 1) s, generate_series(1, 100) n`,
      [controlPlane.tenantId],
    );
    return { ...person, body: { name: 'one too many' } };
  },
  'createResetLink 409': async (controlPlane) => {
    const sample = (await samples['createResetLink']?.(controlPlane)) ?? {};
    const values = [sample.path?.['user_id'], slug()];
    await controlPlane.query(
      `WITH made AS (INSERT INTO tenant (name) VALUES ($2) RETURNING id) INSERT INTO membership (user_id, tenant_id, roles) SELECT $1::uuid, id, '{viewer}' FROM made`,
      values,
    );
    return sample;
  },
  'eraseConsumer 404': async () => ({ body: { name: slug() } }),
  'createConsumerKey 409': async (controlPlane) => {
    const path = { consumer_id: (await makeConsumer(controlPlane)).consumer_id };
    for (let keys = 0; keys < 64; keys += 1) await controlPlane.call('createConsumerKey', { path, body: {} });
    return { path, body: {} };
  },
  'rotateConsumerKey 409': async (controlPlane) => {
    const path = await makeConsumerKey(controlPlane);
    await controlPlane.call('revokeConsumerKey', { path });
    return { path, body: {} };
  },
  'rotateGatewayKey 409': async (controlPlane) => {
    const path = { key_id: (await controlPlane.mintKey({ environments: ['contract'] })).id };
    await controlPlane.call('revokeGatewayKey', { path });
    return { path, body: {} };
  },
  'editUser 409': async (controlPlane) => ({ path: { user_id: await lastOwner(controlPlane) }, body: { roles: ['admin'] } }),
  'removeUser 409': async (controlPlane) => ({ path: { user_id: await lastOwner(controlPlane) } }),
  'deletePolicy 409': async (controlPlane) => {
    const { policy_id } = await makePolicy(controlPlane);
    await controlPlane.call('createPlan', { body: { name: `plan-${policy_id}`, policy_ids: [policy_id] } });
    return { path: { policy_id } };
  },
  'createTrustedIssuer 409': async (controlPlane) => ({ body: issuerBody({ name: (await makeIssuer(controlPlane)).name }) }),
  'createTrustedIssuer 422': async () => ({ body: issuerBody({ rules: { issuer: 'ftp://127.0.0.1', consumers: [{ claim: 'azp' }] } }) }),
  'updateTrustedIssuer 409': async (controlPlane) => {
    const [one, two] = [await makeIssuer(controlPlane), await makeIssuer(controlPlane)];
    return { path: { trusted_issuer_id: one.trusted_issuer_id }, body: issuerBody({ name: two.name }) };
  },
  'updateTrustedIssuer 422': async (controlPlane) => ({
    path: { trusted_issuer_id: (await makeIssuer(controlPlane)).trusted_issuer_id },
    body: issuerBody({ introspection: { client_id: 'gateway' } }),
  }),
  'createMcpServer 409': async (controlPlane) => ({ body: mcpServerBody({ name: (await makeMcpServer(controlPlane)).name }) }),
  'createMcpServer 422': async () => ({ body: mcpServerBody({ targets: { modes: ['connect'] } }) }),
  'updateMcpServer 409': async (controlPlane) => {
    const [one, two] = [await makeMcpServer(controlPlane), await makeMcpServer(controlPlane)];
    return { path: { mcp_server_id: one.mcp_server_id }, body: mcpServerBody({ name: two.name }) };
  },
  'updateMcpServer 422': async (controlPlane) => ({
    path: { mcp_server_id: (await makeMcpServer(controlPlane)).mcp_server_id },
    body: mcpServerBody({ targets: { modes: ['connect'] } }),
  }),
  'createToolSet 409': async (controlPlane) => ({ body: await toolSetBody(controlPlane, { name: (await makeToolSet(controlPlane)).name }) }),
  'createToolSet 422': async () => ({ body: { name: 'of-nothing', tools: [{ api: 'no-such-api', operation: 'none' }] } }),
  'updateToolSet 409': async (controlPlane) => {
    const [one, two] = [await makeToolSet(controlPlane), await makeToolSet(controlPlane)];
    return { path: { tool_set_id: one.tool_set_id }, body: await toolSetBody(controlPlane, { name: two.name }) };
  },
  'updateToolSet 422': async (controlPlane) => ({
    path: { tool_set_id: (await makeToolSet(controlPlane)).tool_set_id },
    body: { name: 'of-nothing', tools: [{ api: 'no-such-api', operation: 'none' }] },
  }),
  'approveMcpDefinitions 409': async (controlPlane) => ({
    path: { mcp_server_id: (await makeMcpServer(controlPlane)).mcp_server_id },
    body: { all: '0'.repeat(64) },
  }),
  'rejectMcpDefinitions 409': async (controlPlane) => ({
    path: { mcp_server_id: (await makeMcpServer(controlPlane)).mcp_server_id },
    body: { all: '0'.repeat(64) },
  }),
  'createPlan 409': async (controlPlane) => ({ body: { name: (await makePlan(controlPlane)).name } }),
  'createPlan 422': async () => ({ body: { name: 'of-nothing', api_ids: [randomUUID()] } }),
  'editPlan 409': async (controlPlane) => {
    const [one, two] = [await makePlan(controlPlane), await makePlan(controlPlane)];
    return { path: { plan_id: one.plan_id }, body: { name: two.name } };
  },
  'editPlan 422': async (controlPlane) => ({ path: { plan_id: (await makePlan(controlPlane)).plan_id }, body: { policy_ids: [randomUUID()] } }),
  'createApproval 404': async () => ({ body: { operation: 'deleteDeployment', request: { path: { deployment_id: randomUUID() } } } }),
  'createApproval 422': async (controlPlane) => ({
    body: { operation: 'deleteDeployment', request: { path: { deployment_id: (await makeDeployment(controlPlane)).deployment_id } } },
  }),
  'approveApproval 409': async (controlPlane) => {
    const path = { approval_id: (await makeApproval(controlPlane)).approval_id };
    await controlPlane.call('denyApproval', { path, body: {} });
    return { path, body: {} };
  },
  'denyApproval 409': async (controlPlane) => {
    const path = { approval_id: (await makeApproval(controlPlane)).approval_id };
    await controlPlane.call('approveApproval', { path, body: {} });
    return { path, body: {} };
  },
  'getEnvironment 400': async () => ({ path: { environment: 'Not A Name' } }),
  'getTeam 400': async () => ({ path: { team: 'No Slug' } }),
  'deleteTeam 400': async () => ({ path: { team: 'No Slug' } }),
  'createTeam 409': async (controlPlane) => ({ body: { name: (await makeTeam(controlPlane)).name } }),
  'deleteTeam 409': async (controlPlane) => {
    const { name: team } = await makeTeam(controlPlane);
    await controlPlane.call('createConsumer', { body: { name: slug(), team } });
    return { path: { team } };
  },
  'createTenant 409': async () => ({ body: { name: 'default' } }),
  'editTenant 409': async (controlPlane) => ({ path: { tenant_id: controlPlane.tenantId }, body: { suspended: true } }),
  'deleteTenant 409': async (controlPlane) => ({ path: { tenant_id: controlPlane.tenantId } }),
  'createOwnerLink 409': async (controlPlane) => {
    await lastOwner(controlPlane);
    return { path: { tenant_id: controlPlane.tenantId } };
  },
  'createSubscription 409': async (controlPlane) => {
    const { api_id, consumer_id } = await makeSubscription(controlPlane);
    return { body: { api_id, consumer_id } };
  },
  'createSubscription 422': async () => ({ body: { api_id: randomUUID(), consumer_name: 'nobody' } }),
  'createDeployment 200': async (controlPlane) => ({
    query: { dry_run: 'true' },
    body: { api_id: (await defineApi(controlPlane)).api_id, targets: { environments: ['nowhere'] } },
  }),
  'adoptService 409': async (controlPlane) => {
    const { name } = await defineApi(controlPlane);
    return { ...(await samples['adoptService']?.(controlPlane)), body: { object_id: 'billing', name } };
  },
  'adoptService 422': async (controlPlane) => ({ path: { gateway_id: (await register(controlPlane)).gateway_id }, body: { object_id: 'billing' } }),
  'createDeployment 409': async (controlPlane) => {
    const { api_id, targets } = await makeDeployment(controlPlane);
    return { body: { api_id, targets } };
  },
  'updateDeployment 409': async (controlPlane) => {
    const { api_id, deployment_id } = await makeDeployment(controlPlane);
    await controlPlane.call('createDeployment', { body: { api_id, targets: { environments: ['elsewhere'] } } });
    return { path: { deployment_id }, body: { targets: { environments: ['elsewhere'] } } };
  },
  'updateDeployment 422': async (controlPlane) => ({
    path: { deployment_id: (await makeDeployment(controlPlane)).deployment_id },
    body: { revision: 7 },
  }),
  'promoteDeployment 409': async (controlPlane) => {
    const { api_id, deployment_id } = await makeDeployment(controlPlane);
    await controlPlane.call('createDeployment', { body: { api_id, targets: { environments: ['next', 'last'] }, revision: 1 } });
    await controlPlane.call('editApi', { path: { api_id }, body: { name: `renamed-${randomUUID()}` } });
    return { path: { deployment_id }, body: { environment: 'next' } };
  },
  'promoteDeployment 422': async (controlPlane) => {
    const { api_id } = await defineApi(controlPlane);
    const { body } = await controlPlane.call<Deployment>('createDeployment', { body: { api_id, targets: { modes: ['connect'] } } });
    return { path: { deployment_id: body.deployment_id }, body: { environment: 'production' } };
  },
  'createDeployment 422': async () => ({ body: { api_id: randomUUID(), targets: { environments: ['production'] } } }),
};

/** Every operation of the management API, brought to every status that its document names. The call itself checks the answer's shape. */
export const documentedAnswers: Suite<ControlPlane> = (check) => {
  for (const entry of managementContract.entries) {
    for (const status of Object.keys(entry.operation.responses)) {
      if ((elsewhere[status] ?? ofItsOwn[`${entry.id} ${status}`]) !== undefined) continue;
      // Of two successes one is the sample's, and the other is brought about.
      const brought = particular[`${entry.id} ${status}`];
      const sample = brought ?? (status.startsWith('2') ? samples[entry.id] : generic[status]?.(entry));
      check(['OPS-001'], `${entry.id} answers ${status}`, async (controlPlane) => {
        assert.ok(sample, `nothing here brings ${entry.id} to ${status}`);
        const answer = await controlPlane.call(entry.id, await sample(controlPlane));
        assert.equal(answer.status, Number(status), answer.text);
      });
    }
  }
};
