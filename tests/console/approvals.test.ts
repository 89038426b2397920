import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CallApprovalAnswer } from '@stoa/generated/schemas.ts';
import { asGateway } from '@stoa/server/testing/gateways.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { openBrowser } from '../browser.ts';
import { buildConsole } from './build-console.ts';

let browser: Browser;
let pages: Awaited<ReturnType<typeof buildConsole>>;
let plane: TestControlPlane;
let ask: (order: string) => Promise<CallApprovalAnswer>;

beforeAll(async () => {
  [browser, pages, plane] = await Promise.all([openBrowser(), buildConsole(), startTestControlPlane()]);
  const token = await plane.mintGatewayKey({ name: 'asks' });
  const { gateway_id } = (await asGateway(plane, token).register('gateway-01')).body;
  const document = { openapi: '3.1.0', info: { title: 'Orders', version: '1' }, servers: [{ url: 'https://api.example.com' }], paths: {} };
  const { api_id } = (await plane.request<{ api_id: string }>('POST', '/v1/apis', { body: { name: 'orders', document } })).body;
  const { consumer_id } = (await plane.request<{ consumer_id: string }>('POST', '/v1/consumers', { body: { name: 'helpdesk' } })).body;
  ask = async (order) => {
    const call = {
      policy: 'a-person-says-yes',
      api_id,
      operation_id: 'deleteOrder',
      tool: 'orders_deleteOrder',
      method: 'DELETE',
      path: '/orders/{id}',
    };
    const body = {
      ...call,
      ...{ claim_id: randomUUID(), consumer_id, arguments: { id: order }, wait_s: 3600, valid_s: 900 },
      arguments_hash: `sha256:${order.repeat(64)}`,
    };
    return (await plane.request<CallApprovalAnswer>('POST', `/v1/internal/gateways/${gateway_id}/call-approvals`, { token, body })).body;
  };
});
afterAll(async () => {
  await browser?.close();
  await plane?.close();
  await pages?.remove();
});

/** A phone, signed in by a link, with the pages built from today's sources. */
async function open(): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 360, height: 740 } })).newPage();
  await page.route(
    ({ pathname }) => /^\/(?:gateways\/modes|approvals|sign-in|assets\/.*)$/.test(pathname),
    async (route) => {
      const { pathname } = new URL(route.request().url());
      const path = join(pages.directory, pathname.includes('.') ? pathname : 'index.html');
      await (existsSync(path) ? route.fulfill({ path }) : route.abort());
    },
  );
  await page.goto((await plane.request<{ url: string }>('POST', '/v1/sign-in-links', { body: {} })).body.url);
  await page.getByRole('heading', { name: 'Gateway modes' }).waitFor();
  return page;
}

it('a person says yes to one call and no to another, where an agent was told to send him', async () => {
  const first = await ask('1');
  const page = await open();
  await page.goto(first.approve_at ?? '');
  const card = page.getByRole('region', { name: 'orders_deleteOrder' });
  await card.getByText('DELETE /orders/{id} of orders, asked for by helpdesk at gateway-01').waitFor();
  expect(await card.locator('pre').textContent()).toBe('{\n  "id": "1"\n}');
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  expect(violations.map(({ id, help }) => `${id}: ${help}`)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await card.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('status').getByText('orders_deleteOrder of helpdesk: approved.').waitFor();
  await page.getByText('Nothing waits.').waitFor();
  expect((await ask('1')).state).toBe('granted');
  await ask('2');
  await page.reload();
  await card.getByLabel('Reason, shown to who asked').fill('Not today');
  await card.getByRole('button', { name: 'Deny' }).click();
  await page.getByText('Nothing waits.').waitFor();
  expect(await ask('2')).toMatchObject({ state: 'denied', reason: 'Not today' });
  await page.context().close();
});
