import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf, startConsole } from '../running-console.ts';
import type { RunningConsole } from '../running-console.ts';
import { seedTenant } from './seed-tenant.ts';

const pictures = join(import.meta.dirname, '../../../dist/console');
const widths = { wide: 1440, middle: 900, phone: 390 } as const;
const themes = ['light', 'dark'] as const;

/** Each page by its address, where `:name` is the id of what the seed made. */
const pages = [
  ['home', '/home'],
  ['fleet', '/gateways/modes'],
  ['gateway', '/gateways/:gateway'],
  ['kong', '/gateways/:kong'],
  ['gateway-keys', '/gateways/keys'],
  ['add-gateway', '/gateways/add'],
  ['capabilities', '/gateways/capabilities'],
  ['apis', '/apis'],
  ['import', '/apis/import'],
  ['api', '/apis/:api'],
  ['deployments', '/apis/:api/deployments'],
  ['api-policies', '/apis/:api/policies'],
  ['revisions', '/apis/:api/revisions'],
  ['mcp', '/mcp-servers'],
  ['consumers', '/access/consumers'],
  ['consumer', '/access/consumers/:consumer'],
  ['plans', '/access/plans'],
  ['subscriptions', '/access/subscriptions'],
  ['policies', '/access/policies'],
  ['policy', '/access/policies/:policy'],
  ['usage', '/observe/usage'],
  ['audit', '/observe/audit'],
  ['approvals', '/approvals'],
] as const;

let running: RunningConsole;
let ids: Record<string, string>;
beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  running = await startConsole();
  ids = await seedTenant(running.plane);
});
afterAll(() => running?.close());

const wanted = process.env['CONSOLE_PAGES']?.split(' ');

describe.each(pages.filter(([name]) => wanted === undefined || wanted.includes(name)))('%s', (name, path) => {
  it.each(themes.flatMap((theme) => Object.keys(widths).map((width) => [theme, width as keyof typeof widths] as const)))(
    'has no fault that axe finds, %s and %s',
    async (colorScheme, width) => {
      const address = path.replace(/:(\w+)/g, (_, id: string) => ids[id] ?? '');
      const page = await running.open(address, { colorScheme, viewport: { width: widths[width], height: 900 } });
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      await page.locator('.loading, .skeleton').first().waitFor({ state: 'detached' });
      await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: width === 'wide' });
      expect([...(await faultsOf(page)), ...running.complaints.splice(0)]).toEqual([]);
      await page.context().close();
    },
  );
});
