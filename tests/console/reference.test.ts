import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../browser.ts';

let browser: Browser;
let plane: TestControlPlane;
beforeAll(async () => {
  [browser, plane] = await Promise.all([openBrowser(), startTestControlPlane()]);
});
afterAll(async () => {
  await browser?.close();
  await plane?.close();
});

async function violationsOf(path: string, colorScheme: 'light' | 'dark', prepare: string[] = []): Promise<string[]> {
  const page = await browser.newPage({ colorScheme, bypassCSP: true });
  try {
    await page.goto(plane.url + path);
    for (const selector of prepare) await page.locator(selector).first().click();
    await page.addScriptTag({ content: axe.source });
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
    return violations.flatMap(({ id, nodes }) =>
      nodes.slice(0, 30).map(({ html, failureSummary }) => `${id} ×${nodes.length}: ${html.slice(0, 160)} ${failureSummary}`),
    );
  } finally {
    await page.close();
  }
}

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  it.each(['/docs', '/docs/registration', '/docs/runtime'])(
    '%s has no fault that axe finds',
    async (path) => {
      expect(await violationsOf(path, theme, ['.opblock-summary-control'])).toEqual([]);
    },
    120_000,
  );

  it('the page of an unknown address has none either', async () => {
    expect(await violationsOf('/nothing/here', theme)).toEqual([]);
  });
});

it('the page of an unknown address has the header of the Console, which leads back to it', async () => {
  const page = await (await fetch(`${plane.url}/nothing/here`, { headers: { accept: 'text/html' } })).text();
  expect(page).toMatch(
    /<header class="banner"><a class="brand" href="\/gateways\/modes">[^]*STOA <span class="brand-light">Console<[^]*<\/header><main/,
  );
});

it('an unknown address is a page for a browser, and a problem for a program', async () => {
  const ask = async (accept: string) => {
    const { status, headers } = await fetch(`${plane.url}/nothing/here`, { headers: { accept } });
    return [status, headers.get('content-type')?.split(';')[0]];
  };
  expect(await ask('text/html,application/xhtml+xml,*/*;q=0.8')).toEqual([404, 'text/html']);
  expect(await ask('application/json')).toEqual([404, 'application/problem+json']);
  expect(await ask('*/*')).toEqual([404, 'application/problem+json']);
});
