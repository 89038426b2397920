import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openBrowser } from '../browser.ts';
import { buildConsole } from './build-console.ts';
import { faintTexts } from './contrast.ts';
import { everyState, sampleFleet, sampleGateway, threeOnline } from './sample-fleet.ts';
import { fleetReply, ok, problem, startStubControlPlane } from './stub-control-plane.ts';
import type { StubControlPlane } from './stub-control-plane.ts';

describe('/gateways/modes', () => {
  let browser: Browser;
  let pages: Awaited<ReturnType<typeof buildConsole>>;
  let stub: StubControlPlane;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    [browser, pages] = await Promise.all([openBrowser(), buildConsole()]);
  });
  afterAll(async () => {
    await browser?.close();
    await pages?.remove();
  });
  beforeEach(async () => {
    stub = await startStubControlPlane(pages.directory);
    complaints = [];
  });
  afterEach(async () => {
    await page.context().close();
    await stub.close();
    // Whatever the server answered, no page may break its own security policy or throw.
    expect(complaints).toEqual([]);
  });

  const open = async (path = '/gateways/modes', options: BrowserContextOptions = {}) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
    });
    await page.goto(stub.url + path);
    return page;
  };
  const section = (product: string) => page.getByRole('region', { name: product });
  const row = (name: string) => page.locator('tbody').filter({ has: page.getByRole('rowheader', { name }) });

  it('shows an instance of each mode with what an operator asks first', async () => {
    stub.replies.modes = fleetReply(sampleFleet(threeOnline()));
    await open();
    for (const [product, mode, name] of [
      ['STOA Gateway', 'edge_mcp', 'gateway-1'],
      ['STOA Link', 'sidecar', 'link-1'],
      ['STOA Connect', 'connect', 'kong-prod-01'],
    ] as const) {
      const text = await section(product).innerText();
      for (const part of [
        mode,
        name,
        '0.1.0',
        'production',
        'policies',
        'Online',
        'healthy',
        'In sync',
        'generation 4',
        '12 s ago',
        'every 30 s',
        '1 online',
      ])
        expect(text).toContain(part);
    }
    expect(await section('STOA Connect').innerText()).toContain('kong 3.9.3\nhttp://127.0.0.1:8001');
    const heartbeat = section('STOA Link').locator('time');
    expect(await heartbeat.getAttribute('datetime')).toBe('2026-11-22T18:23:48.000Z');
    expect(await heartbeat.getAttribute('title')).toContain('22 Nov 2026');
  });

  it('says in words how alive each instance is, what it says of itself and whether its configuration holds', async () => {
    stub.replies.modes = fleetReply(sampleFleet(everyState()));
    await open();
    const expected: Record<string, string[]> = {
      'gateway-2': ['Late', 'degraded', 'Pending', 'generation 3 of 4'],
      'gateway-staging-eu-west-1-blue': ['Offline', 'Rejected', 'It refused generation 5'],
      'link-2': ['Conflict', 'Sends fields this contract does not know: hostname, capabilities.'],
      'kong-prod-02': ['Revoked'],
      'kong-staging': [
        'Online',
        'unhealthy',
        'In sync, with warnings',
        '1 object in its gateway differs',
        'every 600 s',
        'not ready, 5.2 % of its answers failed',
      ].concat(['Its kong is not ready. Kong cannot reach its database.', 'A certificate of its kong ends on 1 Dec 2026']),
      'kong-new': ['none; registered', '5 s ago', 'not said yet', 'Nothing deployed'],
    };
    await row('gateway-2').waitFor();
    for (const [name, parts] of Object.entries(expected)) {
      const text = await row(name).innerText();
      for (const part of parts) expect(text, name).toContain(part);
    }
    // Who has left is not among them, and can be asked for.
    expect(await row('link-3').count()).toBe(0);
    await page.getByRole('list', { name: 'Liveness', exact: true }).getByRole('link', { name: /^Left/ }).click();
    expect(await row('link-3').innerText()).toContain('when last heard');
  });

  it('says a conflict loudly, before anything else', async () => {
    stub.replies.modes = fleetReply(sampleFleet(everyState()));
    await open();
    const alert = page.getByRole('region', { name: 'Conflicts' });
    expect(await alert.innerText()).toContain('link-2 in production');
    await alert.getByRole('link', { name: 'link-2' }).click();
    expect(await page.locator('tbody:target').innerText()).toContain('link-2');
  });

  it('lesson 6: shows a state it does not know by its name, and all the rest', async () => {
    const fleet = JSON.parse(JSON.stringify(sampleFleet(threeOnline())).replace('"liveness":"online"', '"liveness":"hibernating"')) as unknown;
    stub.replies.modes = () => ok(fleet);
    await open();
    await row('gateway-1').getByText('hibernating').waitFor();
    expect(await section('STOA Connect').innerText()).toContain('kong-prod-01');
  });

  it('tells for each empty mode how to start its runtime', async () => {
    stub.replies.modes = fleetReply(sampleFleet([]));
    await open();
    for (const program of ['stoa-gateway', 'stoa-link', 'stoa-connect']) {
      await page.getByText(`STOA_CONTROL_PLANE_URL=${stub.url} STOA_GATEWAY_KEY=… bin/${program}`).waitFor();
    }
  });

  it('shows its shape while the first answer is awaited', async () => {
    const answer = Promise.withResolvers<void>();
    stub.replies.modes = () => answer.promise.then(fleetReply(sampleFleet(threeOnline())));
    await open();
    await page.getByRole('status', { name: 'Loading the fleet' }).waitFor();
    answer.resolve();
    await row('gateway-1').waitFor();
    expect(await page.getByRole('status', { name: 'Loading the fleet' }).count()).toBe(0);
  });

  it('follows changes by itself and announces them', async () => {
    const [gateway, ...others] = threeOnline();
    stub.replies.modes = fleetReply(sampleFleet([gateway!, ...others]));
    await open();
    await row('gateway-1').getByText('Online').waitFor();
    const about = { gateway_id: gateway!.gateway_id, instance_name: 'gateway-1', gateway_mode: 'edge_mcp', environment: 'production' } as const;
    const newcomer = sampleGateway({ instance_name: 'link-9', gateway_mode: 'sidecar' });
    stub.replies.modes = fleetReply(sampleFleet([{ ...gateway!, liveness: 'offline' }, ...others, newcomer]));
    const at = newcomer.registered_at;
    stub.tell({
      as_of: at,
      counts: [
        { gateway_mode: 'edge_mcp', environment: 'production', liveness: 'online', count: 0 },
        { gateway_mode: 'edge_mcp', environment: 'production', liveness: 'offline', count: 1 },
      ],
      transitions: [
        { ...about, was: 'online', liveness: 'offline', at },
        { ...about, gateway_id: newcomer.gateway_id, instance_name: 'link-9', gateway_mode: 'sidecar', liveness: 'online', at },
      ],
      more: 0,
      brakes: [],
    });
    await row('gateway-1').getByText('Offline').waitFor();
    await row('link-9').getByText('Online').waitFor();
    await page.getByRole('status').filter({ hasText: 'gateway-1 is now offline. link-9 appeared, online.' }).waitFor();
    expect(stub.calls).toContain('GET /v1/gateways/events?after=7');
  });

  it('keeps the last it knew when the server goes away, says since when, and recovers', async () => {
    stub.replies.modes = fleetReply(sampleFleet(threeOnline()));
    await open();
    await row('gateway-1').waitFor();
    stub.replies.modes = () => 'no answer';
    stub.tell();
    await page
      .getByRole('alert')
      .getByText(/^Not updated since \d\d:\d\d:\d\d$/)
      .waitFor();
    expect(await row('gateway-1').innerText()).toContain('Online');
    stub.replies.modes = fleetReply(sampleFleet(threeOnline()));
    await page.getByRole('button', { name: 'Try now' }).click();
    await page.getByText('Live, as of').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it("gives the server's reason when nothing can be shown", async () => {
    stub.replies.modes = () => problem(503, 'The database is away');
    await open();
    await page.getByText('The Control Plane answered 503: The database is away.').waitFor();
  });

  it('explains how to sign in when there is no session, and shows nothing of the one before', async () => {
    stub.replies.modes = fleetReply(sampleFleet(threeOnline()));
    await open();
    await row('gateway-1').waitFor();
    stub.replies.modes = () => problem(401, 'Unauthorized');
    stub.tell();
    await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
    expect(await page.locator('main').innerText()).toContain(`${stub.url}/v1/sign-in-links`);
    expect(await page.getByText('gateway-1').count()).toBe(0);
  });

  it('lesson 10: a link with filters shows what matches and nothing else', async () => {
    stub.replies.modes = fleetReply(sampleFleet(everyState()));
    await open('/gateways/modes?environment=staging&liveness=offline');
    await row('gateway-staging-eu-west-1-blue').waitFor();
    expect(await page.getByRole('rowheader').count()).toBe(1);
    expect(await section('STOA Link').innerText()).toContain('None of its 2 instances matches.');
    expect(await page.getByLabel('Environment').inputValue()).toBe('staging');
    await page.getByRole('link', { name: 'Clear filters' }).click();
    await expect.poll(() => page.getByRole('rowheader').count()).toBe(9);
  });

  it('lesson 10: a filter that matches nothing is not taken for none', async () => {
    stub.replies.modes = fleetReply(sampleFleet(everyState()));
    await open('/gateways/modes?liveness=asleep');
    await page.getByRole('link', { name: 'asleep' }).waitFor();
    expect(await page.getByRole('rowheader').count()).toBe(0);
  });

  it('puts a chosen filter into the address, and Back undoes it', async () => {
    stub.replies.modes = fleetReply(sampleFleet(everyState()));
    await open();
    await page.getByLabel('Environment').selectOption('staging');
    await page
      .getByRole('list', { name: 'Liveness', exact: true })
      .getByRole('link', { name: /^Online/ })
      .click();
    expect(new URL(page.url()).search).toBe('?environment=staging&liveness=online');
    await expect.poll(() => page.getByRole('rowheader').count()).toBe(2);
    await page.goBack();
    await expect.poll(() => page.getByRole('rowheader').count()).toBe(3);
  });

  it('lesson 10: finds by a part of the name among more instances than the page shows', async () => {
    const many = Array.from({ length: 300 }, (_, n) => sampleGateway({ instance_name: `link-${n}`, gateway_mode: 'sidecar' }));
    stub.replies.modes = fleetReply(sampleFleet(many));
    await open();
    await row('link-0').waitFor();
    expect(await section('STOA Link').innerText()).toContain('Showing 20 of 300.');
    await page.getByLabel('Name').fill('LINK-277');
    await row('link-277').waitFor();
    await expect.poll(() => page.getByRole('rowheader').count()).toBe(1);
    expect(new URL(page.url()).search).toBe('?search=LINK-277');
    expect(stub.calls.at(-1)).toContain('search=LINK-277');
  });

  it('has no more rows in the document than are in view, however many are shown', async () => {
    const many = Array.from({ length: 480 }, (_, n) =>
      sampleGateway({ instance_name: `gateway-${String(n).padStart(4, '0')}`, gateway_mode: 'edge_mcp' }),
    );
    stub.replies.modes = fleetReply(sampleFleet(many));
    await open();
    for (let pages = 0; pages < 3; pages += 1) {
      await page.getByText(`Showing ${20 + 100 * pages} of 480.`).waitFor();
      await page.getByRole('button', { name: 'Show more' }).click();
    }
    await page.getByText('Showing 320 of 480.').waitFor();
    expect(await page.getByRole('rowheader').count()).toBeLessThan(60);
    expect(await section('STOA Gateway').getByRole('table').getAttribute('aria-rowcount')).toBe('481');
    // Rows that come into view are measured then, which may move the end of the table out of it again.
    await expect
      .poll(
        async () => {
          await page.getByText('Showing 320 of 480.').scrollIntoViewIfNeeded();
          return row('gateway-0319').isVisible();
        },
        { timeout: 30_000 },
      )
      .toBe(true);
    expect(await row('gateway-0319').getByRole('row').getAttribute('aria-rowindex')).toBe('321');
    expect(await page.getByRole('rowheader').count()).toBeLessThan(60);
  });

  it('takes a press of "Show more" although a reading moves the button before the release', async () => {
    const many = Array.from({ length: 150 }, (_, n) => sampleGateway({ instance_name: `link-${n}`, gateway_mode: 'sidecar' }));
    stub.replies.modes = fleetReply(sampleFleet(many));
    await open();
    const button = page.getByRole('button', { name: 'Show more' });
    await button.scrollIntoViewIfNeeded();
    const { x, y } = (await button.boundingBox())!;
    await page.mouse.move(x + 5, y + 5);
    await page.mouse.down();
    const brake = { environment: 'production', engaged_at: '2026-11-22T18:20:00.000Z', releases_at: '2026-11-22T18:35:00.000Z', held: 12 };
    stub.replies.modes = () => ok({ ...sampleFleet(many), brakes: [brake] });
    stub.tell();
    await page.getByRole('alert').getByText('12 instances of production fell silent at once').waitFor();
    // The page may follow what it shows: then it is scrolled, as a reader may.
    await page.evaluate(() => window.scrollBy(0, -200));
    await expect.poll(async () => Math.abs((await button.boundingBox())!.y - y)).toBeGreaterThan(50);
    await page.mouse.up();
    await page.getByText('Showing 120 of 150.').waitFor();
  });

  it('says loudly that an environment fell silent at once, and lets an operator call it gone', async () => {
    const brake = { environment: 'production', engaged_at: '2026-11-22T18:20:00.000Z', releases_at: '2026-11-22T18:35:00.000Z', held: 12 };
    stub.replies.modes = () => ok({ ...sampleFleet(threeOnline()), brakes: [brake] });
    await open();
    await page.getByRole('alert').getByText('12 instances of production fell silent at once').waitFor();
    stub.replies.modes = fleetReply(sampleFleet(threeOnline()));
    await page.getByRole('button', { name: 'They are gone: show them offline' }).click();
    await page.getByRole('region', { name: 'Brake of production' }).waitFor({ state: 'detached' });
    expect(stub.calls).toContain('DELETE /v1/gateways/brakes/production');
  });

  it('offers nobody what his roles do not let him do', async () => {
    const brake = { environment: 'production', engaged_at: '2026-11-22T18:20:00.000Z', releases_at: '2026-11-22T18:35:00.000Z', held: 12 };
    stub.replies.modes = () => ok({ ...sampleFleet(threeOnline()), brakes: [brake] });
    stub.replies.permissions = () => ['gateways.read'];
    await open();
    await page.getByRole('alert').getByText('12 instances of production fell silent at once').waitFor();
    await page.getByRole('navigation').getByRole('link', { name: 'Fleet' }).waitFor();
    expect(await page.getByRole('button', { name: 'They are gone: show them offline' }).count()).toBe(0);
  });

  it.each(['light', 'dark'] as const)('fits a phone 360 pixels wide, in %s', async (colorScheme) => {
    stub.replies.modes = fleetReply(sampleFleet(everyState(), { connect: 3 }));
    await open('/gateways/modes', { viewport: { width: 360, height: 740 }, colorScheme });
    await row('kong-staging').waitFor();
    const { scrollWidth, ground } = await page.evaluate(() => ({
      scrollWidth: document.documentElement.scrollWidth,
      ground: getComputedStyle(document.body).backgroundColor,
    }));
    expect(scrollWidth).toBe(360);
    expect(ground).toBe(colorScheme === 'dark' ? 'rgb(14, 18, 24)' : 'rgb(246, 247, 249)');
    // Cards must stay a table to those who hear the page.
    expect(await section('STOA Connect').getByRole('table').getByRole('rowheader').count()).toBe(4);
  });

  it.each(['light', 'dark'] as const)('writes nothing too faint to read, in %s', async (colorScheme) => {
    stub.replies.modes = fleetReply(sampleFleet(everyState(), { connect: 3 }));
    await open('/gateways/modes?environment=production', { colorScheme });
    await row('gateway-1').waitFor();
    expect(await faintTexts(page)).toEqual([]);
    stub.replies.modes = () => problem(503, 'The database is away');
    stub.tell();
    await page.getByRole('alert').waitFor();
    expect(await faintTexts(page)).toEqual([]);
    stub.replies.modes = () => problem(401, 'Unauthorized');
    await page.getByRole('button', { name: 'Try now' }).click();
    await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
    expect(await faintTexts(page)).toEqual([]);
  });

  it('can be used by keyboard: skip link first, then everything in reading order, with a visible focus', async () => {
    stub.replies.modes = fleetReply(sampleFleet(everyState()));
    await open();
    await row('gateway-1').waitFor();
    const stops: string[] = [];
    for (let press = 0; press < 12; press++) {
      await page.keyboard.press('Tab');
      const stop = await page.evaluate(() => {
        const focused = document.activeElement as HTMLElement;
        return { text: focused.innerText.split('\n')[0]!, outline: getComputedStyle(focused).outlineStyle };
      });
      expect(stop.outline, stop.text).toBe('solid');
      stops.push(stop.text);
    }
    expect(stops.slice(0, 12)).toEqual([
      'Skip to content',
      'STOA Console',
      'Find or do …',
      'Home',
      'Fleet',
      'Capabilities',
      'Account',
      'Sign out',
      'link-2',
      'STOA Gateway',
      'STOA Link',
      'STOA Connect',
    ]);
  });

  it('offers an account to persons alone', async () => {
    stub.replies.modes = fleetReply(sampleFleet(threeOnline()));
    stub.replies.user = () => undefined;
    await open();
    await row('gateway-1').waitFor();
    await page.waitForLoadState('networkidle');
    expect(stub.calls).toContain('GET /v1/session');
    expect(await page.getByRole('link', { name: 'Account' }).count()).toBe(0);
  });

  it('signs out', async () => {
    stub.replies.modes = fleetReply(sampleFleet(threeOnline()));
    await open();
    await row('gateway-1').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
    expect(stub.calls).toContain('DELETE /v1/session');
  });
});
