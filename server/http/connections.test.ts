import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { describe, expect, it } from 'vitest';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { describeHttp } from '@stoa/lib/testing/http-suite.ts';
import { openConnection } from '@stoa/lib/testing/raw-exchange.ts';
import { consolePages } from './console.ts';
import { noSuchPath } from './undocumented.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';

const start = (env: Record<string, string>) => startTestControlPlane({ STOA_LOG_LEVEL: 'silent', ...env });

describeHttp('the Control Plane', start, [
  '/healthz',
  '/readyz',
  '/version',
  '/docs',
  '/openapi.json',
  '/gateways/modes',
  '/approvals',
  '/sign-in',
  '/nothing',
]);

describe('a body that does not arrive at the Control Plane', () => {
  it('is told so where it was waited for', async () => {
    const plane = await start({ STOA_BODY_TIMEOUT: '400ms', STOA_HEADERS_TIMEOUT: '400ms' });
    const connection = await openConnection(plane.url);
    connection.send('POST /v1/session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{');
    expect(await connection.ended).toMatch(/^HTTP\/1\.1 408 [^]*took too long/);
    await plane.close();
  });
});

describe('a page of the Console', () => {
  it('leaves its connection good for the next request', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'stoa-console-'));
    await writeFile(join(directory, 'index.html'), '<!doctype html>');
    const server = createServer(express().use(consolePages(directory)).use(noSuchPath));
    const connection = await openConnection(await listen(server, { host: '127.0.0.1', port: 0 }));
    for (const path of ['/gateways/modes', '/sign-in', '/gateways/modes']) {
      connection.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      expect(await connection.answer()).toMatchObject({ status: 200, body: '<!doctype html>' });
    }
    connection.socket.destroy();
    await closeGracefully(server, 0);
    await rm(directory, { recursive: true });
  });
});
