import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Api, ApiList, Consumer, ConsumerKeyList, DeploymentList } from '@stoa/generated/schemas.ts';
import { asGateway } from '@stoa/server/testing/gateways.ts';
import { faultsOf, startConsole } from './running-console.ts';
import type { RunningConsole } from './running-console.ts';

let console: RunningConsole;
/** One for all walks, as a person has one: each begins at an address of its own. */
let page: Page;
beforeAll(async () => {
  console = await startConsole();
  page = await console.open('/access/consumers');
});
afterEach(() => expect(console.complaints.splice(0)).toEqual([]));
afterAll(() => console?.close());
// Each takes a few seconds; where seven others share the machine, many more.
const slowly = { timeout: 180_000 };

const visit = (path: string) => page.goto(console.plane.url + path);
const button = (name: string) => page.getByRole('button', { name, exact: true });

it('makes a consumer, mints a key that is shown once, and revokes it once its hint is typed, by the keyboard', slowly, async () => {
  await page.getByText('No consumer yet').waitFor();
  await page.keyboard.press('n');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Not A Slug');
  await page.keyboard.press('Enter');
  // The server's fault stands at its field, which has the focus.
  await dialog.locator('input[name=name][aria-invalid=true]').waitFor();
  expect(await dialog.locator('input[name=name]').evaluate((field) => field === document.activeElement)).toBe(true);
  await dialog.getByLabel('Name').fill('support-agent');
  await dialog.getByLabel('Labels').fill('tier=gold');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'support-agent', level: 1 }).waitFor();
  const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  expect((await console.plane.request<Consumer>('GET', `/v1/consumers/${id}`)).body.labels).toEqual({ tier: 'gold' });

  await button('Mint a key').press('Enter');
  await button('Mint the key').press('Enter');
  const secret = await dialog.getByLabel('Secret').innerText();
  expect(secret).toMatch(/^stoa_ck_/);
  expect(await faultsOf(page)).toEqual([]);
  await button('I have kept it').press('Enter');
  expect(await page.getByText(secret).count()).toBe(0);

  await page.getByRole('button', { name: /^Revoke/ }).press('Enter');
  await dialog.getByText('Nobody called in the last 7 days.').waitFor();
  expect(await button('Revoke the key').isDisabled()).toBe(true);
  const { items } = (await console.plane.request<ConsumerKeyList>('GET', `/v1/consumers/${id}/keys`)).body;
  await dialog.getByRole('textbox').fill(items[0]?.hint ?? '');
  await page.keyboard.press('Enter');
  await page.getByRole('cell', { name: 'revoked' }).waitFor();
});

it('shows who changed a thing meanwhile, field by field, and saves over it only when told to', slowly, async () => {
  const { body } = await console.plane.request<Consumer>('POST', '/v1/consumers', { body: { name: 'partner', labels: { tier: 'gold' } } });
  const path = `/v1/consumers/${body.consumer_id}`;
  await visit(`/access/consumers/${body.consumer_id}`);
  await button('Edit').click();
  await page.getByLabel('Labels').fill('tier=silver');
  await console.plane.request('PATCH', path, { body: { labels: { tier: 'bronze' } } });
  await button('Save').click();
  const row = page.getByRole('region', { name: 'Changed meanwhile' }).getByRole('row', { name: /Labels/ });
  await row.waitFor();
  expect(await row.getByRole('cell').allInnerTexts()).toEqual(['tier=gold', 'tier=bronze', 'tier=silver']);
  expect((await console.plane.request<Consumer>('GET', path)).body.labels).toEqual({ tier: 'bronze' });
  await button('Save mine over theirs').click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect((await console.plane.request<Consumer>('GET', path)).body.labels).toEqual({ tier: 'silver' });
});

it('keeps what was typed when a form is left, and the search of a list in the address', slowly, async () => {
  await visit('/access/consumers');
  await button('New consumer').click();
  await page.getByRole('dialog').getByLabel('Name').fill('half-typed');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('searchbox').fill('PART');
  await page.getByRole('rowheader', { name: 'partner' }).waitFor();
  await expect.poll(() => page.getByRole('rowheader').count()).toBe(1);
  expect(new URL(page.url()).search).toBe('?search=PART');
  await page.reload();
  await page.getByRole('rowheader', { name: 'partner' }).waitFor();
  await button('New consumer').click();
  expect(await page.getByRole('dialog').getByLabel('Name').inputValue()).toBe('half-typed');
});

it('offers and shows in the navigation only what the roles of a session let it do', slowly, async () => {
  const { secret } = (
    await console.plane.request<{ secret: string }>('POST', '/v1/operator-tokens', { body: { name: 'reads', roles: ['operator'] } })
  ).body;
  const reader = await console.open('/gateways/modes', { token: secret });
  await reader.getByRole('link', { name: 'Fleet' }).waitFor();
  expect(await reader.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Consumers' }).count()).toBe(0);
  await reader.goto(`${console.plane.url}/access/consumers`);
  await reader.getByRole('alert').getByText('403').waitFor();
  expect(await reader.getByRole('button', { name: 'New consumer' }).count()).toBe(0);
  await reader.context().close();
});

it('finds pages and things by Ctrl K, goes by two keys, and lists every key under ?', slowly, async () => {
  await visit('/gateways/modes');
  await page.getByRole('link', { name: 'Fleet' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('partner');
  await page.getByRole('option', { name: 'partner' }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'partner', level: 1 }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await page.getByRole('heading', { name: 'Consumers', level: 1 }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).getByText('Go to Consumers').waitFor();
});

const ordersDocument = (paths: Record<string, unknown>) => ({
  openapi: '3.1.0',
  info: { title: 'Orders', version: '1' },
  servers: [{ url: 'https://orders.example.com' }],
  paths,
});
const listOrders = { get: { operationId: 'listOrders', responses: { 200: { description: 'ok' } } } };
const upload = {
  post: {
    operationId: 'upload',
    requestBody: { content: { 'multipart/form-data': { schema: { type: 'string' } } } },
    responses: { 200: { description: 'ok' } },
  },
};

it(
  'imports an API after it has shown its tools and what is lost, deploys it after it has asked each gateway, and saves nothing before',
  slowly,
  async () => {
    const gateway = asGateway(console.plane, await console.plane.mintGatewayKey({ name: 'edge' }));
    await gateway.register('edge-01');
    await visit('/apis/import');
    await page.getByLabel('OpenAPI document').fill('openapi: 3.1');
    await button('Show what becomes of it').click();
    await page.locator('textarea[aria-invalid=true]').waitFor();
    await page.getByLabel('OpenAPI document').fill(JSON.stringify(ordersDocument({ '/orders': listOrders, '/uploads': upload })));
    await button('Show what becomes of it').click();
    await page.getByText('orders_listOrders').waitFor();
    await page
      .getByRole('region', { name: /could not be expressed/ })
      .getByText('POST /uploads', { exact: true })
      .waitFor();
    expect((await console.plane.request<ApiList>('GET', '/v1/apis')).body.items).toEqual([]);
    expect(await faultsOf(page)).toEqual([]);
    await button('Save orders').click();
    await page.getByRole('heading', { name: 'orders', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'Deployments' }).click();
    await button('Deploy').click();
    await page.getByRole('checkbox', { name: 'production' }).check();
    await button('Show what each gateway would do').click();
    await page.getByRole('dialog').getByText('edge-01').waitFor();
    expect((await console.plane.request<DeploymentList>('GET', '/v1/deployments')).body.items).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Deploy', exact: true }).click();
    await page.getByRole('cell', { name: 'all gateways in production' }).waitFor();
    expect(await faultsOf(page)).toEqual([]);
  },
);

it('rolls an API back to an earlier revision, with what changes shown before', slowly, async () => {
  const { items } = (await console.plane.request<ApiList>('GET', '/v1/apis?name=orders')).body;
  const path = `/v1/apis/${items[0]?.api_id}`;
  await console.plane.request('PUT', path, { body: { name: 'orders', document: ordersDocument({ '/orders': listOrders, '/more': listOrders }) } });
  const more = { get: { ...listOrders.get, operationId: 'listMore' } };
  await console.plane.request('PUT', path, { body: { name: 'orders', document: ordersDocument({ '/orders': listOrders, '/more': more }) } });
  await visit(`/apis/${items[0]?.api_id}/revisions`);
  await page.getByRole('link', { name: 'Roll back to revision 1' }).click();
  await button('Show what becomes of it').click();
  await page.getByRole('region', { name: 'What changes' }).getByText('orders_listMore').waitFor();
  await button('Save it as a revision of orders').click();
  await page.getByRole('navigation', { name: 'Parts of orders' }).waitFor();
  expect((await console.plane.request<Api>('GET', path)).body.operations?.map(({ tool }) => tool.name)).toEqual([
    'orders_listOrders',
    'orders_upload',
  ]);
});

it('asks which gateway fits, mints a key for it alone, and says so when it has come', slowly, async () => {
  await visit('/gateways/add');
  await button('Beside a gateway on a machine, virtual or bare').click();
  await page.getByLabel('Name').fill('kong-new');
  await button('Mint its key and show the command').click();
  const key = await page.getByLabel('Gateway key').innerText();
  await page.getByText('Waiting for kong-new to register').waitFor();
  expect(await page.getByLabel('Command').innerText()).toContain('STOA_INSTANCE_NAME=kong-new');
  const registered = await asGateway(console.plane, key).register('kong-new', { gateway_mode: 'connect', features: ['policies'] });
  expect(registered.status).toBe(200);
  await page.getByRole('status').getByRole('link', { name: 'kong-new' }).click();
  await page.getByRole('heading', { name: 'kong-new', level: 1 }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
});

it('shows what gateways metered over time and by whom, and that the audit is as it was written', slowly, async () => {
  const { items } = (await console.plane.request<ApiList>('GET', '/v1/apis?name=orders')).body;
  const gateway = asGateway(console.plane, await console.plane.mintGatewayKey({ name: 'meters' }));
  const { gateway_id, lease_epoch } = (await gateway.register('edge-02')).body;
  const sums = { calls: 41, errors: 2, denied: 1, duration_ms: 400 };
  const record = {
    window_start: new Date(new Date().setMinutes(0, 0, 0)).toISOString(),
    api_id: items[0]?.api_id,
    operation_id: 'listOrders',
    door: 'mcp',
    ...sums,
  };
  const reported = await gateway.reportUsage(gateway_id, { boot_id: randomUUID(), seq: 1, lease_epoch, records: [record] });
  expect(reported.status).toBe(200);
  await visit('/observe/usage');
  await page.getByRole('heading', { name: '41 calls, 2 failed, 1 refused' }).waitFor();
  await page.getByRole('row', { name: /orders.*41.*4\.9 %.*2\.4 %/ }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  const drawn = () => page.locator('.chart canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
  const inLight = await drawn();
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(drawn, { timeout: 30_000 }).not.toBe(inLight);
  await page.emulateMedia({ colorScheme: null });
  await page.goto(`${console.plane.url}/observe/audit`);
  await button('Verify').click();
  await page.getByText(/as they were written/).waitFor();
  expect(await faultsOf(page)).toEqual([]);
});

it('says at home what needs a person, and where', slowly, async () => {
  await console.plane.mintGatewayKey({ name: 'ends soon', expires_at: new Date(Date.now() + 86_400_000).toISOString() });
  await visit('/home');
  await page.getByRole('link', { name: /^The gateway key ends soon/ }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
});

it('tells usage as a table where the language of the browser is no valid tag, by which no chart can be drawn', slowly, async () => {
  await page.addInitScript(() => Object.defineProperty(navigator, 'language', { get: () => 'en-US@posix' }));
  await visit('/observe/usage');
  await page.getByRole('table', { name: 'Calls over time' }).and(page.locator('.list')).waitFor();
  expect(await page.locator('canvas').count()).toBe(0);
});
