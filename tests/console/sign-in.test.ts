import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openBrowser } from '../browser.ts';
import { buildConsole } from './build-console.ts';
import { sampleFleet, threeOnline } from './sample-fleet.ts';
import { fleetReply, problem, startStubControlPlane } from './stub-control-plane.ts';
import type { StubControlPlane } from './stub-control-plane.ts';

const code = 'stoa_si_0123456789abcdef';

describe('/sign-in', () => {
  let browser: Browser;
  let pages: Awaited<ReturnType<typeof buildConsole>>;
  let stub: StubControlPlane;
  let page: Page;

  beforeAll(async () => {
    [browser, pages] = await Promise.all([openBrowser(), buildConsole()]);
  });
  afterAll(async () => {
    await browser?.close();
    await pages?.remove();
  });
  beforeEach(async () => {
    stub = await startStubControlPlane(pages.directory);
    page = await (await browser.newContext()).newPage();
  });
  afterEach(async () => {
    await page.context().close();
    await stub.close();
  });

  it('exchanges the code of the link once and goes on to the fleet', async () => {
    const codes: string[] = [];
    stub.replies.session = (given) => (
      codes.push(given), { status: 201, body: { role: 'admin' }, headers: { 'set-cookie': 'stoa_session=x; HttpOnly; SameSite=Strict; Path=/' } }
    );
    stub.replies.modes = fleetReply(sampleFleet(threeOnline()));
    await page.goto(`${stub.url}/sign-in#code=${code}`);
    await page.waitForURL(`${stub.url}/gateways/modes`);
    await page.getByRole('rowheader', { name: 'gateway-1' }).waitFor();
    expect(codes).toEqual([code]);
    expect(await page.evaluate(() => document.cookie)).toBe('');
  });

  it('takes the code out of the address bar before it is spent, and never puts it into an address', async () => {
    const answer = Promise.withResolvers<void>();
    stub.replies.session = () => answer.promise.then(() => problem(401, 'Unauthorized'));
    await page.goto(`${stub.url}/sign-in#code=${code}`);
    await page.getByRole('heading', { name: 'Signing you in…' }).waitFor();
    expect(await page.evaluate(() => [location.href, history.length])).toEqual([`${stub.url}/sign-in`, 2]);
    answer.resolve();
    await page.getByRole('heading', { name: 'This link does not work any more' }).waitFor();
    expect(stub.calls).toEqual(['POST /v1/session']);
  });

  it('says clearly that a link was used or is too old, and how to get another', async () => {
    await page.goto(`${stub.url}/sign-in#code=${code}`);
    await page.getByRole('heading', { name: 'This link does not work any more' }).waitFor();
    await page.getByRole('heading', { name: 'Get a new link' }).waitFor();
  });

  it('offers another try when the server does not answer', async () => {
    stub.replies.session = () => 'no answer';
    await page.goto(`${stub.url}/sign-in#code=${code}`);
    await page.getByText('The Control Plane does not answer.').waitFor();
    stub.replies.session = () => ({ status: 201, body: { role: 'admin' } });
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.waitForURL(`${stub.url}/gateways/modes`);
  });

  it('takes a link that is opened in the tab that explains how to get one, and the next when that one is spent', async () => {
    await page.goto(`${stub.url}/sign-in`);
    await page.getByRole('heading', { name: 'Sign in to the Console' }).waitFor();
    await page.goto(`${stub.url}/sign-in#code=spent`);
    await page.getByRole('heading', { name: 'This link does not work any more' }).waitFor();
    expect(await page.evaluate(() => location.href)).toBe(`${stub.url}/sign-in`);
    stub.replies.session = () => ({ status: 201, body: { role: 'admin' } });
    await page.goto(`${stub.url}/sign-in#code=${code}`);
    await page.waitForURL(`${stub.url}/gateways/modes`);
  });

  it('explains how to get a link when it is opened without a code', async () => {
    await page.goto(`${stub.url}/sign-in`);
    await page.getByRole('heading', { name: 'Sign in to the Console' }).waitFor();
    expect(stub.calls).toEqual([]);
  });

  it('has room for the way to sign in, between the heading and what stands below', async () => {
    await page.goto(`${stub.url}/sign-in`);
    const boxOf = async (place: ReturnType<Page['getByText']>) => (await place.boundingBox()) ?? { y: NaN, height: NaN };
    const heading = await boxOf(page.getByRole('heading', { name: 'Sign in to the Console' }));
    const way = await boxOf(page.getByRole('link', { name: 'Sign in', exact: true }));
    const below = await boxOf(page.getByText('Without an account of your own'));
    expect(way.y).toBeGreaterThan(heading.y + heading.height + 4);
    expect(below.y).toBeGreaterThan(way.y + way.height + 4);
  });
});
