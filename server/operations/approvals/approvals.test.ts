import { describe, expect, it } from 'vitest';
import type { Approval, ApprovalList, AuditRecordList, Deployment } from '@stoa/generated/schemas.ts';
import { approvalsBench } from '../../testing/approvals-bench.ts';

const bench = approvalsBench();
const { as, mint, demand, approve, deploy, limit } = bench;

describe('a change that waits', () => {
  it('is done as it was asked for when a second person approves, and by nobody else', async () => {
    await demand(bench.environment, ['deployments']);
    const asked = await deploy({ name: `waits-${bench.environment}` });
    expect(asked).toMatchObject({
      status: 202,
      body: {
        state: 'pending',
        demand: 'deployments',
        environments: [bench.environment],
        operation: 'createDeployment',
        request: { body: { api_id: bench.api.api_id, revision: 1, name: `waits-${bench.environment}` } },
      },
    });
    expect(asked.headers.get('location')).toBe(`/v1/approvals/${asked.body.approval_id}`);
    expect((await deploy({ name: `waits-${bench.environment}` })).body.approval_id).toBe(asked.body.approval_id);
    const there = async () =>
      (await as<{ items: Deployment[] }>(bench.ada, 'GET', '/v1/deployments')).body.items.filter(({ api_id }) => api_id === bench.api.api_id);
    expect(await there()).toEqual([]);
    expect((await as<ApprovalList>(bench.bob, 'GET', `/v1/approvals?environment=${bench.environment}&state=pending`)).body.items).toEqual([
      asked.body,
    ]);
    // Not by himself, nor by a token of his making, nor by who may not do it himself.
    expect(await approve(bench.ada, asked.body)).toMatchObject({ status: 403, body: { code: 'own_request' } });
    const limited = await mint({ role: 'admin', scopes: ['approvals.write', 'approvals.read'] });
    expect(await approve(limited.secret, asked.body)).toMatchObject({ status: 403, body: { code: 'missing_permission' } });
    const done = await approve(bench.bob, asked.body, { reason: 'Looks right' });
    expect(done).toMatchObject({ status: 200, body: { state: 'applied', reason: 'Looks right' } });
    expect(await there()).toMatchObject([{ name: `waits-${bench.environment}`, revision: 1, targets: { environments: [bench.environment] } }]);
    expect(await approve(bench.bob, asked.body)).toMatchObject({ status: 409, body: { code: 'not_pending' } });
  });

  it('is approved by no program of a person, and by the person himself', async () => {
    await demand(bench.environment, ['deployments']);
    const { body: asked } = await deploy();
    const [{ tenant_id }] = (
      await bench.plane.store.pool.query<{ tenant_id: string }>('SELECT tenant_id FROM approval WHERE id = $1', [asked.approval_id])
    ).rows as [{ tenant_id: string }];
    const person = (
      await bench.plane.store.pool.query<{ id: string }>(
        "INSERT INTO app_user (id, email, name) VALUES (gen_random_uuid(), $1, 'Dora') RETURNING id",
        [`dora-${bench.environment}@example.com`],
      )
    ).rows[0]?.id;
    await bench.plane.store.pool.query("INSERT INTO membership (user_id, tenant_id, roles) VALUES ($1, $2, '{admin}')", [person, tenant_id]);
    const credential = async (set: string) => {
      const { secret, token } = await mint({ role: 'admin' });
      await bench.plane.store.pool.query(`UPDATE operator_token SET ${set} WHERE id = $2 AND $1::uuid IS NOT NULL`, [person, token.token_id]);
      return secret;
    };
    for (const program of [await credential('user_id = $1'), await credential('minted_by_user = $1')])
      expect(await approve(program, asked)).toMatchObject({
        status: 403,
        body: { code: 'person_needed', detail: expect.stringContaining('by a session') },
      });
    const { secret } = await mint({ role: 'admin' });
    await bench.plane.store.pool.query("UPDATE operator_token SET user_id = $1, kind = 'session' WHERE hmac = $2", [
      person,
      bench.plane.context.keys.hmac(secret),
    ]);
    const headers = { cookie: `stoa_session=${secret}`, origin: bench.plane.url };
    const done = await bench.plane.request<Approval>('POST', `/v1/approvals/${asked.approval_id}/approve`, { token: undefined, headers, body: {} });
    expect([done.status, done.body.state]).toEqual([200, 'applied']);
  });

  it('is done once, whoever approves at the same time', async () => {
    await demand(bench.environment, ['deployments']);
    const { body } = await deploy();
    const statuses = (await Promise.all([approve(bench.bob, body), approve(bench.plane.adminToken, body)])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 409]);
  });

  it('is given up when it is denied, or when what it was made up from was changed meanwhile', async () => {
    const { body: deployment } = await deploy();
    await demand(bench.environment, ['deployments']);
    await as(bench.ada, 'PATCH', `/v1/apis/${bench.api.api_id}`, { name: `${bench.api.name}-renamed` });
    const path = `/v1/deployments/${deployment.deployment_id}`;
    const revise = (body: object) => as<Deployment & Approval>(bench.ada, 'PATCH', path, body);
    const [denied, first, second] = [
      (await revise({ revision: 2 })).body,
      (await revise({ name: `a-${bench.environment}` })).body,
      (await revise({ name: `b-${bench.environment}` })).body,
    ];
    expect((await as<Approval>(bench.bob, 'POST', `/v1/approvals/${denied.approval_id}/deny`, { reason: 'Not today' })).body).toMatchObject({
      state: 'denied',
      reason: 'Not today',
    });
    expect((await approve(bench.bob, first)).status).toBe(200);
    expect(await approve(bench.bob, second)).toMatchObject({ status: 409, body: { code: 'changed_meanwhile' } });
    expect((await as<Approval>(bench.ada, 'GET', `/v1/approvals/${second.approval_id}`)).body).toMatchObject({
      state: 'failed',
      failure: expect.stringContaining('changed meanwhile'),
    });
    expect((await as<Deployment>(bench.ada, 'GET', path)).body).toMatchObject({ name: `a-${bench.environment}`, revision: 1 });
  });

  it('is judged anew: who asked must still be allowed to, and what was free may be taken', async () => {
    await demand(bench.environment, ['deployments']);
    const carl = await mint({ role: 'publisher' });
    const ask = (name: string) =>
      as<Approval>(carl.secret, 'POST', '/v1/deployments', {
        api_id: bench.api.api_id,
        name,
        revision: 1,
        targets: { environments: [bench.environment] },
      });
    const [one, two] = [(await ask(`one-${bench.environment}`)).body, (await ask(`two-${bench.environment}`)).body];
    expect((await approve(bench.bob, one)).status).toBe(200);
    expect(await approve(bench.bob, two)).toMatchObject({
      status: 409,
      body: { code: 'already_deployed', detail: expect.stringContaining('deployed to these targets already') },
    });
    const { body: last } = await as<Approval>(carl.secret, 'POST', '/v1/deployments', {
      api_id: bench.api.api_id,
      revision: 1,
      targets: { environments: [bench.environment], modes: ['connect'] },
    });
    await as(bench.plane.adminToken, 'DELETE', `/v1/operator-tokens/${carl.token.token_id}`);
    expect(await approve(bench.bob, last)).toMatchObject({ status: 409, body: { code: 'requester_gone' } });
  });

  it('is not done for a member who was disabled in this tenant alone since he asked', async () => {
    await demand(bench.environment, ['deployments']);
    const { body: asked } = await deploy();
    const { rows } = await bench.plane.store.pool.query<{ id: string }>(
      "INSERT INTO app_user (id, email, name) VALUES (gen_random_uuid(), $1, 'Carl') RETURNING id",
      [`carl-${bench.environment}@example.com`],
    );
    const { rows: asking } = await bench.plane.store.pool.query<{ tenant_id: string }>('SELECT tenant_id FROM approval WHERE id = $1', [
      asked.approval_id,
    ]);
    const person = [rows[0]?.id, asking[0]?.tenant_id];
    await bench.plane.store.pool.query(
      "INSERT INTO membership (user_id, tenant_id, roles, disabled_at) VALUES ($1, $2, '{publisher}', now())",
      person,
    );
    await bench.plane.store.pool.query('UPDATE approval SET user_id = $2, token_id = gen_random_uuid() WHERE id = $1', [
      asked.approval_id,
      person[0],
    ]);
    expect(await approve(bench.bob, asked)).toMatchObject({ status: 409, body: { code: 'requester_gone' } });
  });

  it('is also the end of a deployment, one that is promoted, and the end of an API that is deployed', async () => {
    const { body: here } = await deploy();
    const { body: before } = await deploy({ targets: { environments: [`before-${bench.environment}`] } });
    await demand(bench.environment, ['deployments']);
    const asked = [
      await as(bench.ada, 'DELETE', `/v1/deployments/${here.deployment_id}`),
      await as(bench.ada, 'POST', `/v1/deployments/${before.deployment_id}/promote`, { environment: bench.environment }),
      await as(bench.ada, 'DELETE', `/v1/apis/${bench.api.api_id}`),
    ];
    expect(asked.map(({ status }) => status)).toEqual([202, 202, 202]);
    const done = [];
    for (const { body } of asked.reverse()) done.push((await approve(bench.bob, body as Approval)).status);
    // With the API its deployments are gone.
    expect(done).toEqual([200, 409, 409]);
  });

  it('expires', async () => {
    await demand(bench.environment, ['deployments']);
    const { body } = await deploy();
    await bench.plane.store.prisma.approval.update({ where: { id: body.approval_id }, data: { expires_at: new Date(0) } });
    expect((await as<Approval>(bench.ada, 'GET', `/v1/approvals/${body.approval_id}`)).body.state).toBe('expired');
    expect(await approve(bench.bob, body)).toMatchObject({ status: 409, body: { code: 'not_pending', detail: expect.stringContaining('expired') } });
    expect((await deploy()).body.approval_id).not.toBe(body.approval_id);
  });

  it('is not one that is rehearsed, or takes effect elsewhere', async () => {
    await demand(bench.environment, ['deployments', 'policies', 'reveals']);
    expect((await deploy({ targets: { environments: ['elsewhere'] } })).status).toBe(201);
    expect((await deploy({ targets: { modes: ['connect'] } })).status).toBe(202);
    expect((await as(bench.ada, 'POST', '/v1/policies', { name: `free-${bench.environment}`, policy: limit(5), attached_to: [] })).status).toBe(201);
  });
});

describe('asking for an approval', () => {
  const ask = (operation: string, request: object, token = bench.ada) => as<Approval>(token, 'POST', '/v1/approvals', { operation, request });

  it('does nothing but that: a second person has it done, and to send the change itself is to ask again', async () => {
    await demand(bench.environment, ['deployments']);
    const body = { api_id: bench.api.api_id, targets: { environments: [bench.environment] }, revision: 1, name: `asked-${bench.environment}` };
    const asked = await ask('createDeployment', { body });
    expect(asked).toMatchObject({ status: 201, body: { state: 'pending', operation: 'createDeployment', environments: [bench.environment] } });
    expect(asked.headers.get('location')).toBe(`/v1/approvals/${asked.body.approval_id}`);
    expect(await ask('createDeployment', { body })).toMatchObject({ status: 200, body: { approval_id: asked.body.approval_id } });
    expect((await deploy({ name: body.name })).body.approval_id).toBe(asked.body.approval_id);
    expect(await approve(bench.ada, asked.body)).toMatchObject({ status: 403, body: { code: 'own_request' } });
    expect((await approve(bench.bob, asked.body)).body.state).toBe('applied');
    const { items } = (await as<{ items: Deployment[] }>(bench.ada, 'GET', '/v1/deployments')).body;
    const made = items.find(({ name }) => name === body.name);
    expect(made).toMatchObject({ revision: 1 });
    const path = { deployment_id: made?.deployment_id };
    expect(await ask('updateDeployment', { path, body: { revision: 1, name: `other-${bench.environment}` } })).toMatchObject({ status: 201 });
    expect(await ask('deleteDeployment', { path })).toMatchObject({ status: 201 });
  });

  it('is refused as the operation refuses, where nothing demands a second person, and without the right to the change', async () => {
    const body = { api_id: bench.api.api_id, targets: { environments: [bench.environment] }, revision: 1 };
    expect(await ask('createDeployment', { body })).toMatchObject({
      status: 422,
      body: { code: 'no_approval_needed', detail: expect.stringContaining('createDeployment itself') },
    });
    await demand(bench.environment, ['deployments']);
    expect(await ask('createDeployment', { body: { ...body, targets: 1 }, query: { wet_run: 'yes' } })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/body/request/body/targets' }, { pointer: '/body/request/query/wet_run' }] },
    });
    expect(await ask('editPlan', { path: { plan_id: bench.api.api_id }, query: { dry_run: true }, body: { description: 'x' } })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/body/request/query/dry_run' }] },
    });
    expect(await ask('createDeployment', { body: { ...body, revision: 'newest' } })).toMatchObject({
      status: 422,
      body: { errors: [{ message: expect.stringContaining('a second person approves') }] },
    });
    expect(await ask('deleteApi', { path: { api_id: bench.api.api_id }, body: {} })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/body/request/body' }] },
    });
    expect(await ask('updateApi', { path: { api_id: bench.api.api_id } })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/body/operation' }] },
    });
    expect((await ask('deleteApi', { path: { api_id: '00000000-0000-4000-8000-000000000000' } })).status).toBe(404);
    const operator = await mint({ role: 'operator' });
    expect(await ask('createDeployment', { body }, operator.secret)).toMatchObject({ status: 403, body: { code: 'missing_permission' } });
  });
});

describe('who is refused a decision', () => {
  it('stands in the audit with the approval, whether he asked himself or may not make the change', async () => {
    await demand(bench.environment, ['deployments']);
    const { body } = await deploy();
    const limited = await mint({ role: 'admin', scopes: ['approvals.write'] });
    expect((await approve(bench.ada, body)).status).toBe(403);
    expect((await as(limited.secret, 'POST', `/v1/approvals/${body.approval_id}/deny`, {})).status).toBe(403);
    await bench.plane.context.audit.counted.stop();
    const { items } = (await as<AuditRecordList>(bench.plane.adminToken, 'GET', `/v1/audit?kind=refusal&object=${body.approval_id}`)).body;
    const object = { kind: 'approval', id: body.approval_id, name: 'createDeployment' };
    expect(items).toMatchObject([
      { action: 'denyApproval', object, detail: { code: 'missing_permission' } },
      { action: 'approveApproval', object, detail: { code: 'own_request' } },
    ]);
  });
});
