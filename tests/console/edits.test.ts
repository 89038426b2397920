import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Policy } from '@stoa/generated/schemas.ts';
import { startConsole } from './running-console.ts';
import type { RunningConsole } from './running-console.ts';

let console: RunningConsole;
let page: Page;
beforeAll(async () => {
  console = await startConsole();
});
afterEach(async () => {
  await page.context().close();
  expect(console.complaints.splice(0)).toEqual([]);
});
afterAll(() => console?.close());

const button = (name: string) => page.getByRole('button', { name, exact: true });
const limitOf = (limit: number) => ({ name: 'calls', policy: { kind: 'rate_limit', config: { limit, window_s: 60 } }, attached_to: [] });

it('saves no policy over what somebody made of it since the form was opened, and begins from that once it is opened again', async () => {
  const { policy_id } = (await console.plane.request<Policy>('POST', '/v1/policies', { body: limitOf(1) })).body;
  const path = `/v1/policies/${policy_id}`;
  page = await console.open(`/access/policies/${policy_id}`);
  await button('Edit').click();
  const text = page.getByRole('dialog').getByLabel('Policy');
  await text.fill(JSON.stringify(limitOf(2).policy));
  await console.plane.request('PUT', path, { body: limitOf(3) });
  await button('Save').click();
  await page.getByText('Somebody changed it while you did.').waitFor();
  expect(await page.getByRole('dialog').getByText('if-match').count()).toBe(0);
  // The page behind the form knows the other state by now, and the form does not take it for its own.
  await page.getByLabel('Policy', { exact: true }).getByText('"limit": 3').waitFor();
  await button('Save').click();
  await page.getByText('Somebody changed it while you did.').waitFor();
  expect((await console.plane.request<Policy>('GET', path)).body.policy).toEqual(limitOf(3).policy);
  await button('Cancel').click();
  await button('Edit').click();
  expect(JSON.parse(await text.inputValue())).toEqual(limitOf(3).policy);
});

it('offers what a session may do with each thing of a list, also where the list is the first page that is opened', async () => {
  await console.plane.request('POST', '/v1/plans', { body: { name: 'gold', api_ids: [], policy_ids: [] } });
  page = await console.open('/access/plans');
  await button('Edit gold').click();
  await page.getByRole('dialog').getByLabel('Description').fill('All of it');
  await button('Save').click();
  await page.getByText('All of it').waitFor();
  await button('Columns and export').click();
  await page.getByRole('checkbox', { name: 'State' }).uncheck();
  await page.reload();
  await button('Edit gold').waitFor();
  expect(await page.getByRole('columnheader', { name: 'State' }).count()).toBe(0);
});

it('takes what is typed as soon as a dialog is open, into its first field', async () => {
  page = await console.open('/access/consumers');
  await page.getByText('No consumer yet').waitFor();
  await page.keyboard.press('n');
  await page.getByRole('dialog', { name: 'New consumer' }).waitFor();
  await page.keyboard.type('agent');
  expect(await page.getByLabel('Name').inputValue()).toBe('agent');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog', { name: 'Find or do' }).waitFor();
  await page.keyboard.type('plans');
  expect(await page.getByRole('combobox').inputValue()).toBe('plans');
});
