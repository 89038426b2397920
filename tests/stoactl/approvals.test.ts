import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asGateway } from '@stoa/server/testing/gateways.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { CallApprovalAnswer } from '@stoa/generated/schemas.ts';
import { commandLine } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

let plane: TestControlPlane;
let cli: CommandLine;
const run = (as: string, line: string, given = {}) => cli.run(['--context', as, ...line.split(' ')], given);
const api = `apiVersion: stoa.dev/v1
kind: Api
metadata: { name: shop }
spec: { document: { openapi: 3.1.0, info: { title: Shop, version: '1' }, servers: [{ url: 'https://shop.example' }], paths: { /orders: { get: { operationId: list, responses: { '200': { description: Orders. } } } } } } }
`;
const deployment = (environment: string, revision: number) =>
  `---\napiVersion: stoa.dev/v1\nkind: Deployment\nmetadata: { name: shop-${environment} }\nspec: { api: shop, targets: { environments: [${environment}] }, revision: ${revision} }\n`;

beforeAll(async () => {
  cli = commandLine();
  plane = await startTestControlPlane();
  const mint = async (name: string) =>
    (await plane.request<{ secret: string }>('POST', '/v1/operator-tokens', { body: { name, role: 'admin' } })).body.secret;
  for (const [name, token] of [
    ['ada', await mint('ada')],
    ['bob', await mint('bob')],
  ] as const)
    await cli.run(['context', 'set', name, '--server', plane.url, '--token-file', '-'], { stdin: token });
  await plane.request('PUT', '/v1/environments/production', { body: { four_eyes: ['deployments'] } });
});
afterAll(async () => {
  cli.remove();
  await plane?.close();
});

describe('stoactl', () => {
  it('says of what waits that nothing was done yet, does the rest, and another one has it done', async () => {
    const manifests = api + deployment('staging', 1) + deployment('production', 1);
    const waits = await run('ada', 'apply -f -', { stdin: manifests });
    expect(waits).toMatchObject({
      code: 1,
      out: 'Api/shop created\nDeployment/shop-staging created\nDeployment/shop-production awaits approval\n',
      err: expect.stringMatching(
        /Deployment\/shop-production: Nothing was done yet: production demands a second person.*stoactl approvals approve [0-9a-f-]{36}\n/,
      ),
    });
    const id = / approve ([0-9a-f-]{36})/.exec(waits.err)?.[1] ?? '';
    const listed = await run('bob', 'approvals list --state pending');
    expect(listed.out).toMatch(
      new RegExp(
        `^ID +STATE +ENVIRONMENTS +OPERATION +BY +EXPIRES +WHAT\n${id} +pending +production +createDeployment +ada +.*environments=production.*,revision=1\n$`,
      ),
    );
    expect(await run('ada', `approvals approve ${id}`)).toMatchObject({
      code: 4,
      err: expect.stringMatching(/a second person decides\.\nHave somebody else decide.*\n$/),
    });
    expect(await run('bob', `approvals approve ${id} --reason Fine`)).toMatchObject({ code: 0, out: `approval/${id} applied\n` });
    expect((await run('ada', 'apply -f -', { stdin: manifests })).out).toContain('Deployment/shop-production unchanged\n');
    expect(await run('bob', `approvals deny ${id}`)).toMatchObject({ code: 6, err: expect.stringContaining('does not wait any more') });
    expect(JSON.parse((await run('ada', 'approvals list -o json')).out)).toMatchObject({
      items: [{ approval_id: id, state: 'applied', reason: 'Fine' }],
    });
  });

  it('promotes what is deployed, after it has shown what that changes', async () => {
    const dry = await run('ada', 'deployments promote shop-staging --to live --dry-run');
    expect(dry).toEqual({ code: 0, out: 'Deployment/shop-live created (dry run)\n    revision: (none) → 1\n  + tool shop_list\n', err: '' });
    expect((await run('ada', 'get deployment shop-live')).code).toBe(5);
    expect((await run('ada', 'deployments promote shop-staging --to live')).out).toContain('Deployment/shop-live created\n');
    expect(await run('ada', 'deployments promote shop-staging --to production')).toMatchObject({
      code: 1,
      err: expect.stringContaining('Nothing was done yet'),
    });
    expect(await run('ada', 'deployments promote nothing --to live')).toMatchObject({ code: 5 });
    expect(await run('ada', 'deployments promote shop-staging')).toMatchObject({ code: 2 });
  });

  it('says what a demand pins', async () => {
    await run('ada', 'apply -f -', { stdin: deployment('next', 1).replace('revision: 1', 'revision: newest') });
    expect(await run('ada', 'environments set next --four-eyes deployments')).toEqual({
      code: 0,
      out: 'environment/next demands a second person for deployments\n',
      err: expect.stringMatching(/^Pinned to their present revisions now.*: shop-next\..*\n$/),
    });
  });

  it('says what stays pinned where a second person is demanded no longer, and how it follows the newest again', async () => {
    expect(await run('ada', 'environments set live --four-eyes deployments,policies')).toEqual({
      code: 0,
      out: 'environment/live demands a second person for deployments, policies\n',
      err: '',
    });
    expect((await run('ada', 'environments list')).out).toMatch(/\nlive +deployments,policies\n/);
    expect(await run('ada', 'environments set live --four-eyes everything')).toMatchObject({ code: 2 });
    expect(await cli.run(['--context', 'ada', 'environments', 'set', 'Bad Name', '--four-eyes', 'none'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^<environment>: must/),
    });
    expect(await run('ada', 'environments set live --four-eyes deployments,none')).toMatchObject({ code: 2 });
    const lifted = await run('ada', 'environments set live --four-eyes none');
    expect(lifted).toMatchObject({ code: 1, err: expect.stringMatching(/^What is deployed there stays pinned .*stoactl deployments unpin NAME/) });
    const id = / approve ([0-9a-f-]{36})/.exec(lifted.err)?.[1] ?? '';
    expect(await run('bob', `approvals approve ${id}`)).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^Pinned to their revisions are still: shop-live\. .*stoactl deployments unpin NAME/),
    });
    expect(await run('ada', 'deployments unpin shop-live')).toMatchObject({ code: 0, out: 'deployment/shop-live follows the newest revision\n' });
  });

  it('lists calls of tools that wait, with what they would do, and has a person say yes to one', async () => {
    const token = await plane.mintGatewayKey({ name: 'asks' });
    const { gateway_id } = (await asGateway(plane, token).register('gateway-01')).body;
    const made = async (path: string, body: object) => (await plane.request<Record<string, string>>('POST', path, { body })).body;
    const document = { openapi: '3.1.0', info: { title: 'Desk', version: '1' }, servers: [{ url: 'https://desk.example' }], paths: {} };
    const { api_id } = await made('/v1/apis', { name: 'desk', document });
    const { consumer_id } = await made('/v1/consumers', { name: 'helpdesk' });
    const call = { policy: 'wait', api_id, operation_id: 'close', tool: 'desk_close', method: 'POST', path: '/tickets/{id}/close', consumer_id };
    const question = { ...call, arguments: { id: 7 }, arguments_hash: `sha256:${'0'.repeat(64)}`, wait_s: 3600, valid_s: 900 };
    const ask = async () => {
      const body = { ...question, claim_id: randomUUID() };
      const path = `/v1/internal/gateways/${gateway_id}/call-approvals`;
      return (await plane.request<CallApprovalAnswer>('POST', path, { token, body })).body;
    };
    const { approval_id: id } = await ask();
    expect((await run('bob', 'approvals list --state pending')).out).toMatch(
      new RegExp(`${id} +pending +production +callTool +helpdesk +\\S+ +desk_close: POST /tickets/{id}/close of desk with {"id":7}\n`),
    );
    expect((await run('bob', 'approvals list --state pending -o wide')).out).toMatch(
      /^ID .* POLICY +GATEWAY +DECIDED BY .*\n(.*\n)*.* wait +gateway-01 /,
    );
    const one = await run('bob', `approvals get ${id}`);
    expect(one).toMatchObject({ code: 0, out: expect.stringMatching(/^approval_id: [^]*arguments:\n +id: 7\n/) });
    expect(JSON.parse((await run('bob', `approvals get ${id} -o json`)).out)).toMatchObject({ approval_id: id, call: { policy: 'wait' } });
    expect((await run('bob', `approvals get ${randomUUID()}`)).code).toBe(5);
    await cli.run(['context', 'set', 'owner', '--server', plane.url, '--token-file', '-'], { stdin: plane.adminToken });
    expect((await run('owner', 'audit list --action askCallApproval')).out).toContain(` approval/${id} (callTool) `);
    expect((await run('bob', `approvals approve ${id}`)).out).toBe(`approval/${id} approved: helpdesk may do it once, now\n`);
    expect((await ask()).state).toBe('granted');
  });
});
