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
    expect([root.status, root.headers.get('location')]).toEqual([302, '/gateways/modes']);
  });

  it('tell how to build them when they are missing', async () => {
    server = await startStubControlPlane(join(pages.directory, 'nowhere'));
    const answer = await fetch(`${server.url}/gateways/modes`);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('make build');
  });

  it('weigh less than 250 KB compressed, all of it served from here', async () => {
    server = await startStubControlPlane(pages.directory);
    const assets = join(pages.directory, 'assets');
    const files = await Promise.all((await readdir(assets)).map((name) => readFile(join(assets, name))));
    expect(files.reduce((sum, file) => sum + gzipSync(file).length, 0)).toBeLessThan(250_000);
    const css = files.find((file) => file.includes(':root'))!.toString();
    expect(css).not.toMatch(/url\(|@import/);
  });
});
