import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { totpCode } from '@stoa/server/identity/totp.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { openBrowser } from '../browser.ts';
import { buildConsole } from './build-console.ts';

const password = 'seven green lamps at sea';

describe('the first owner, in a browser', () => {
  let browser: Browser;
  let pages: Awaited<ReturnType<typeof buildConsole>>;
  let plane: TestControlPlane;

  beforeAll(async () => {
    [browser, pages, plane] = await Promise.all([openBrowser(), buildConsole(), startTestControlPlane()]);
  });
  afterAll(async () => {
    await browser?.close();
    await plane?.close();
    await pages?.remove();
  });

  /** A phone in the dark. The pages of the Console are built from today's sources; those of signing in are the server's own. */
  async function open(): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
    const page = await context.newPage();
    await page.route(
      ({ pathname }) => /^\/(?:gateways\/modes|sign-in|assets\/.*)$/.test(pathname),
      async (route) => {
        const { pathname } = new URL(route.request().url());
        const path = join(pages.directory, pathname.includes('.') ? pathname : 'index.html');
        // Where a redirect leads the server answers itself, with the build that it has, if any.
        await (existsSync(path) ? route.fulfill({ path }) : route.abort());
      },
    );
    return page;
  }

  /** What axe finds wrong, whether the page is wider than the phone, and what the browser refused to load. */
  async function faultsOf(page: Page): Promise<string[]> {
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
    const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    return [...violations.map(({ id, help }) => `${id}: ${help}`), ...(isWide ? ['is wider than the phone'] : [])];
  }

  /** Into one field after the other, from the one that has the focus. */
  async function typeInto(page: Page, ...texts: string[]): Promise<void> {
    for (const text of texts) {
      await page.keyboard.type(text);
      await page.keyboard.press('Tab');
    }
  }

  it('joins by the printed link, and signs in to the Console with password and authenticator, by keyboard alone', async () => {
    const page = await open();
    const refused: string[] = [];
    page.on('console', (message) => message.type() === 'error' && message.text().includes('Content Security Policy') && refused.push(message.text()));
    await page.goto((await readFile(join(plane.context.settings.dataDir, 'owner-link'), 'utf8')).trim());
    await page.getByRole('heading', { name: 'Join default' }).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    const secret = (await page.locator('#totp-key').textContent())?.replaceAll(' ', '') ?? '';
    expect(await page.getByRole('img', { name: 'QR code' }).evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
    // The first field has the focus.
    await typeInto(page, 'ada@example.com', 'Ada', password);
    await page.keyboard.type(totpCode(secret));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Keep your recovery codes' }).waitFor();
    expect(await page.getByRole('listitem').count()).toBe(10);
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('link', { name: 'I have kept them: sign in' }).press('Enter');
    await page.getByRole('link', { name: 'Sign in', exact: true }).press('Enter');

    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await typeInto(page, 'ada@example.com');
    await page.keyboard.type('not the password');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Address and password do not belong together.').waitFor();
    expect([await page.title(), await page.getByLabel('Email address').inputValue()]).toEqual(['Error: Sign in · STOA', 'ada@example.com']);
    expect(await faultsOf(page)).toEqual([]);
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    // The one that comes next: that of joining was taken.
    await page.keyboard.type(totpCode(secret, Date.now() + 30_000));
    await page.keyboard.press('Enter');
    await page.waitForURL(`${plane.url}/gateways/modes`, { waitUntil: 'commit' });
    await page.reload();
    await page.getByText('No STOA Connect has registered yet.').waitFor();

    await page.goto(`${plane.url}/account`);
    await page.getByText('This browser', { exact: true }).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    for (const way of ['Change your password', 'Set up a new authenticator', 'Make new recovery codes']) {
      await page.getByRole('link', { name: way }).press('Enter');
      await page.getByRole('heading', { name: way }).waitFor();
      expect([way, await faultsOf(page)]).toEqual([way, []]);
      await page.getByRole('link', { name: 'Back to your account' }).press('Enter');
      await page.getByRole('heading', { name: 'Your account' }).waitFor();
    }
    await page.getByRole('link', { name: 'Change your password' }).press('Enter');
    await page.getByLabel('New password').fill('nine red boats in a row');
    await page.getByLabel('Your password now').fill('not the password');
    await page.getByLabel('Code').fill('000000');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Nothing was changed.').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.goto(`${plane.url}/account`);
    await page.getByRole('button', { name: 'Sign out everywhere' }).press('Enter');
    await page.waitForURL(`${plane.url}/sign-in`, { waitUntil: 'commit' });
    await page.goto(`${plane.url}/gateways/modes`);
    await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
    expect(refused).toEqual([]);
  });
});
