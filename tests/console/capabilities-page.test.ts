import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capabilityMatrix } from '@stoa/connect/vendors/document.ts';
import { openBrowser } from '../browser.ts';
import { buildConsole } from './build-console.ts';
import { startStubControlPlane } from './stub-control-plane.ts';
import type { StubControlPlane } from './stub-control-plane.ts';

describe('/gateways/capabilities', () => {
  let browser: Browser;
  let pages: Awaited<ReturnType<typeof buildConsole>>;
  let stub: StubControlPlane;

  beforeAll(async () => {
    [browser, pages] = await Promise.all([openBrowser(), buildConsole()]);
    stub = await startStubControlPlane(pages.directory);
  });
  afterAll(async () => {
    await browser?.close();
    await stub?.close();
    await pages?.remove();
  });

  const opened = async (width: number, colorScheme: 'light' | 'dark'): Promise<Page> => {
    const page = await (await browser.newContext({ colorScheme, viewport: { width, height: 900 } })).newPage();
    await page.goto(`${stub.url}/gateways/capabilities`);
    await page.getByRole('heading', { name: 'Worth knowing' }).waitFor();
    return page;
  };

  it('says of every gateway and kind of policy what the adapters declare, with the reason of what is rejected, and asks the server for nothing but who is signed in', async () => {
    const page = await opened(1400, 'light');
    const { gateways, sections } = capabilityMatrix();
    const [policies] = sections;
    const table = page.getByRole('table').first();
    expect((await table.getByRole('columnheader').allInnerTexts()).map((text) => text.trim())).toEqual(gateways.map(({ title }) => title));
    const rows = await table.locator('tbody tr').all();
    expect(rows.length).toBe(policies?.rows.length);
    for (const [index, row] of rows.entries()) {
      const texts = await row.locator('td').evaluateAll((cells) => cells.map((cell) => cell.querySelector('.matrix-why')?.textContent ?? ''));
      expect(texts).toEqual(policies?.rows[index]?.cells.map(({ text }) => text.replaceAll('`', '')));
    }
    await page.getByLabel('Gateway', { exact: true }).selectOption('nginx');
    expect(await table.getByRole('columnheader').count()).toBe(1);
    expect(new Set(stub.calls)).toEqual(new Set(['GET /v1/session']));
    await page.context().close();
  });

  it.each([
    [1400, 'light'],
    [1400, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)('has no fault that axe finds and is no wider than a window of %i pixels, %s', async (width, scheme) => {
    const page = await opened(width, scheme);
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    await page.context().close();
  });
});
