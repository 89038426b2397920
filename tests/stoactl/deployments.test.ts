import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GatewayConfig } from '@stoa/generated/schemas.ts';
import { asGateway } from '@stoa/server/testing/gateways.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { commandLine } from './command-line.ts';
import type { CommandLine, Ended } from './command-line.ts';

let plane: TestControlPlane;
let cli: CommandLine;
let gateways: ReturnType<typeof asGateway>;
let kong: string;
let api: string;
const run = (line: string): Promise<Ended> => cli.run(line.split(' '));

beforeAll(async () => {
  plane = await startTestControlPlane();
  cli = commandLine();
  await cli.run(['context', 'set', 'test', '--server', plane.url, '--token-file', '-'], { stdin: plane.adminToken });
  gateways = asGateway(plane, await plane.mintGatewayKey());
  const connect = { gateway_mode: 'connect', target_gateway: { type: 'kong' }, features: ['subscriptions', 'plans', 'public_path'] };
  kong = (await gateways.register('kong-eu', connect)).body.gateway_id;
  const document = { openapi: '3.1.0', info: { title: 'Shop', version: '1' }, servers: [{ url: 'http://127.0.0.1:9' }], paths: {} };
  api = (await plane.request<{ api_id: string }>('POST', '/v1/apis', { body: { name: 'shop', document, open_to_all_consumers: true } })).body.api_id;
});
afterAll(async () => {
  cli.remove();
  await plane.close();
});

it('deploy says what of it is wrong by the option that has it and what may stand there, as wrong usage', async () => {
  const wrong = await run('deploy shop --instance kong-eu --public-path shop');
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/^--public-path: must be a path such as \/orders\/v2/)]);
  expect(wrong.err).not.toContain('/body');
  expect(await run('deploy shop --environment NO!')).toMatchObject({ code: 2, err: expect.stringMatching(/^--environment: must be/) });
  expect(await run('deploy shop --instance kong-eu --public-host shop/x')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^--public-host: must be/),
  });
  expect(await run('deploy shop --instance kong-eu --revision 7')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^--revision: there is no revision 7/),
  });
});

it('deploy --update changes what is deployed to the same targets, as the refusal to deploy it again says', async () => {
  expect(await run('deploy shop --instance kong-eu --name shop-eu --public-path /shop')).toMatchObject({ code: 0 });
  const again = await run('deploy shop --instance kong-eu --public-path /shop-next');
  expect(again).toMatchObject({ code: 6, err: expect.stringContaining('The same command with --update changes what is deployed there') });
  expect(await run('deploy shop --instance kong-eu --public-path /shop-next --update')).toMatchObject({
    code: 0,
    out: 'deployment/shop-eu updated\n',
  });
  expect(await run('deploy shop --instance other --public-path /x --update')).toMatchObject({ code: 5 });
  expect(await run('deploy shop --instance kong-eu --update')).toMatchObject({
    code: 2,
    err: expect.stringContaining('Say what --update shall change'),
  });
});

it('get deployments -o wide shows names of APIs and public paths', async () => {
  const { out } = await run('get deployments -o wide');
  expect(out).toMatch(
    /^NAME +REVISION +STATE +TARGETS +API +PUBLIC PATH +ID +CREATED\nshop-eu +newest +pending +instance_names=kong-eu +shop +\/shop-next +[0-9a-f-]{36} /,
  );
});

it('What a gateway rejected is seen in the list of gateways, in that of deployments, and with its reason where one is described', async () => {
  const { generation, hash } = (await gateways.config<GatewayConfig>(kong)).body;
  const reason =
    'Its policy sign-in is of the kind jwt_auth: the plugin checks no audience. An API is not served without a policy that is attached to it.';
  const items = [
    { id: 'policy:a', state: 'applied' },
    { id: `api:${api}`, state: 'rejected', phase: 'render', reason },
  ];
  await gateways.ack(kong, { generation, hash, state: 'applied_with_warnings', items });
  expect((await run('get gateways')).out).toMatch(/\nkong-eu .* partly_rejected /);
  expect((await run('get deployments')).out).toMatch(/\nshop-eu +newest +rejected /);
  const { out } = await run('describe gateway kong-eu');
  expect(out.indexOf(`api:${api}`)).toBeLessThan(out.indexOf('policy:a'));
  expect(out).toContain('Its policy sign-in is of the kind jwt_auth');
  expect((await run('describe deployment shop-eu')).out).toContain('Its policy sign-in is of the kind jwt_auth');
});

it('describe api says where it is not served and why, and on how many of its gateways', async () => {
  const trio = await Promise.all(
    ['trio-1', 'trio-2', 'trio-3'].map(async (name) => (await gateways.register(name, { environment: 'trio' })).body.gateway_id),
  );
  expect(await run('deploy shop --environment trio --name shop-trio')).toMatchObject({ code: 0 });
  const { generation, hash } = (await gateways.config<GatewayConfig>(trio[0] ?? '')).body;
  await gateways.ack(trio[0] ?? '', {
    generation,
    hash,
    items: [{ id: `api:${api}`, state: 'rejected', phase: 'render', reason: 'Its policy is of a kind.' }],
  });
  const { out } = await run('describe api shop');
  expect(out).toContain('rejected (1 of 3)');
  expect(out).toMatch(/instance_name: trio-1\n +environment: trio\n +state: rejected\n +reason: Its policy is of a kind\./);
});

it('Where a second person approves deployments, deploy asks for a revision by the name of its option', async () => {
  await plane.request('PUT', '/v1/environments/guarded', { body: { four_eyes: ['deployments'] } });
  const { code, err } = await run('deploy shop --instance kong-us');
  expect([code, err]).toEqual([2, expect.stringMatching(/^--revision: must be a number: in guarded a second person approves deployments/)]);
});
