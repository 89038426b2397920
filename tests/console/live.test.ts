import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RegisterReply, SignInLink } from '@stoa/generated/schemas.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { openBrowser } from '../browser.ts';
import { buildConsole } from './build-console.ts';

describe('the Console of a real Control Plane', () => {
  let browser: Browser;
  let pages: Awaited<ReturnType<typeof buildConsole>>;
  let controlPlane: TestControlPlane;

  beforeAll(async () => {
    [browser, pages, controlPlane] = await Promise.all([openBrowser(), buildConsole(), startTestControlPlane()]);
  });
  afterAll(async () => {
    await browser?.close();
    await controlPlane?.close();
    await pages?.remove();
  });

  it('signs in by a link, shows a gateway as it registers, reports, leaves, and signs out', async () => {
    const page = await browser.newPage();
    // The server serves whatever build lies in clients/web, if any; the pages of this test are built from today's sources.
    await page.route(
      ({ pathname }) => !pathname.startsWith('/v1/'),
      async (route) => {
        const { pathname } = new URL(route.request().url());
        await route.fulfill({ path: join(pages.directory, pathname.includes('.') ? pathname : 'index.html') });
      },
    );
    const { body: link } = await controlPlane.request<SignInLink>('POST', '/v1/sign-in-links');
    await page.goto(link.url);
    await page.waitForURL(`${controlPlane.url}/gateways/modes`);
    await page.getByText('No STOA Connect has registered yet.').waitFor();

    const key = await controlPlane.mintGatewayKey();
    const registration = {
      instance_name: 'kong-prod-01',
      gateway_mode: 'connect',
      version: '0.12.0',
      features: ['policies'],
      environment: 'production',
      boot_id: randomUUID(),
      hostname: 'kong-1',
    };
    const { body: registered } = await controlPlane.request<RegisterReply>('POST', '/v1/internal/gateways/register', {
      token: key,
      body: registration,
    });
    const row = page.locator('tbody').filter({ has: page.getByRole('rowheader', { name: 'kong-prod-01' }) });
    await row.getByText('Online').waitFor();
    await row.getByText('Sends fields this contract does not know: hostname.').waitFor();

    const path = `/v1/internal/gateways/${registered.gateway_id}`;
    const beat = await controlPlane.request('POST', `${path}/heartbeat`, { token: key, body: { status: 'degraded', uptime_s: 61, metrics: {} } });
    expect(beat.status).toBe(200);
    await row.getByText('degraded').waitFor();
    await row.getByText('up 1 min').waitFor();

    await controlPlane.request('DELETE', path, { token: key });
    // Who has left leaves the page, and is found where one asks for it.
    await row.waitFor({ state: 'detached' });
    await page.getByRole('list', { name: 'Liveness', exact: true }).getByRole('link', { name: /^Left/ }).click();
    await row.getByText('Left', { exact: true }).waitFor();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();

    await page.goto(link.url);
    await page.getByRole('heading', { name: 'This link does not work any more' }).waitFor();
  });
});
