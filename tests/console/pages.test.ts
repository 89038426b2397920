import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildConsole } from './build-console.ts';
import { startStubControlPlane } from './stub-control-plane.ts';
import type { StubControlPlane } from './stub-control-plane.ts';

describe('the pages of the Console', () => {
  let pages: Awaited<ReturnType<typeof buildConsole>>;
  let server: StubControlPlane;

  beforeAll(async () => {
    pages = await buildConsole();
  });
  afterAll(() => pages?.remove());
  afterEach(() => server.close());

  it('are asked for anew each time, and their hashed assets kept for good', async () => {
    server = await startStubControlPlane(pages.directory);
    for (const path of ['/gateways/modes', '/gateways/capabilities', '/mcp-servers', '/approvals', '/sign-in']) {
      const page = await fetch(server.url + path);
      expect(page.headers.get('cache-control')).toBe('no-cache');
      const html = await page.text();
      // The policy forbids scripts in the page itself.
      expect(html).not.toMatch(/<script(?![^>]*src=)|\son\w+=|style=/);
      const [, script] = /src="(\/assets\/[^"]+\.js)"/.exec(html) ?? [];
      const asset = await fetch(server.url + script!);
      expect(asset.status).toBe(200);
      expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    }
  });

  it('begin at the root', async () => {
    server = await startStubControlPlane(pages.directory);
    const root = await fetch(`${server.url}/`, { redirect: 'manual' });
    expect([root.status, root.headers.get('location')]).toEqual([302, '/home']);
  });

  it('tell how to build them when they are missing', async () => {
    server = await startStubControlPlane(join(pages.directory, 'nowhere'));
    const answer = await fetch(`${server.url}/gateways/modes`);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('make build');
  });

  it('take at most 120 kB of JavaScript for the first page and 250 kB for any other, compressed', async () => {
    server = await startStubControlPlane(pages.directory);
    const assets = join(pages.directory, 'assets');
    const names = (await readdir(assets)).filter((name) => name.endsWith('.js'));
    const files = new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(assets, name))] as const)));
    /** A file with all that it imports before it runs. */
    const closure = (name: string, seen = new Set<string>()): Set<string> => {
      if (seen.has(name)) return seen;
      seen.add(name);
      for (const [, other = ''] of (files.get(name)?.toString() ?? '').matchAll(/(?:from|import)"\.\/([\w.-]+\.js)"/g)) closure(other, seen);
      return seen;
    };
    const named = (start: string) => names.find((name) => name.startsWith(`${start}-`)) ?? '';
    const frame = closure(named('router'), closure(named('index')));
    const weights = names
      .filter((name) => /-page-/.test(name))
      .map((name) => {
        const all = closure(name, new Set(frame));
        return { name: name.replace(/-[\w-]{8}\.js$/, ''), kB: [...all].reduce((sum, one) => sum + gzipSync(files.get(one) ?? '').length, 0) / 1000 };
      });
    expect(weights.length).toBeGreaterThan(10);
    expect(weights.find(({ name }) => name === 'home-page')?.kB).toBeLessThanOrEqual(120);
    expect(weights.filter(({ kB }) => kB > 250)).toEqual([]);
  });

  it('load no style, font or image from elsewhere', async () => {
    server = await startStubControlPlane(pages.directory);
    const assets = join(pages.directory, 'assets');
    const styles = (await readdir(assets)).filter((name) => name.endsWith('.css'));
    expect(styles).not.toEqual([]);
    for (const name of styles) expect(await readFile(join(assets, name), 'utf8')).not.toMatch(/url\(|@import/);
  });
});
