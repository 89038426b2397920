import { existsSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { consolePolicy } from '@stoa/server/http/console.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { openBrowser } from '../browser.ts';
import { buildConsole } from './build-console.ts';

/** A browser, today's pages, and a real Control Plane behind them. */
export type RunningConsole = {
  plane: TestControlPlane;
  /** A page of the Console, signed in as the administrator or with the token given. What it complains of is in `complaints`. */
  open(path: string, options?: BrowserContextOptions & { token?: string }): Promise<Page>;
  /** What pages threw, and what their security policy refused. */
  complaints: string[];
  close(): Promise<void>;
};

export async function startConsole(): Promise<RunningConsole> {
  const [browser, pages, plane] = await Promise.all([openBrowser(), buildConsole(), startTestControlPlane()]);
  const complaints: string[] = [];
  return {
    plane,
    complaints,
    open: (path, options) => open({ browser, directory: pages.directory, plane, complaints }, path, options),
    async close() {
      await browser.close();
      await plane.close();
      await pages.remove();
    },
  };
}

type Parts = { browser: Browser; directory: string; plane: TestControlPlane; complaints: string[] };

async function open(parts: Parts, path: string, { token, ...options }: BrowserContextOptions & { token?: string } = {}): Promise<Page> {
  const { browser, directory, plane, complaints } = parts;
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 }, ...options });
  await context.addCookies([{ name: 'stoa_session', value: await sessionOf(plane, token), url: plane.url }]);
  // As long as a busy machine takes; what is wrong is seen by the test's own end.
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
  });
  await page.route(
    ({ pathname }) => !/^\/(?:v1|account|docs|openapi\.json)/.test(pathname),
    async (route) => {
      const { pathname } = new URL(route.request().url());
      const file = join(directory, pathname.includes('.') ? pathname : 'index.html');
      await (existsSync(file) ? route.fulfill({ path: file, headers: { 'Content-Security-Policy': consolePolicy } }) : route.abort());
    },
  );
  await page.goto(plane.url + path);
  return page;
}

async function sessionOf(plane: TestControlPlane, token?: string): Promise<string> {
  const { body } = await plane.request<{ url: string }>('POST', '/v1/sign-in-links', { body: {}, ...(token !== undefined && { token }) });
  const code = new URLSearchParams(new URL(body.url).hash.slice(1)).get('code');
  const answer = await plane.request('POST', '/v1/session', { body: { code }, token: undefined });
  return /stoa_session=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '')?.[1] ?? '';
}

/** What axe finds wrong with a page, and whether it is wider than its window. */
export async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  return [...violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`), ...(isWide ? ['is wider than the window'] : [])];
}
