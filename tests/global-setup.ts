import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { startTestServer } from '@stoa/server/testing/test-server.ts';
import type { TestServer } from '@stoa/server/testing/test-server.ts';
import type { TestProject } from 'vitest/node';
import '@stoa/server/testing/test-database.ts';

const migrationsDir = fileURLToPath(new URL('../prisma/migrations', import.meta.url));

/**
 * Runs once, before and after all tests. Test files run in processes of their own; they ask this one for a database over
 * HTTP, and the first to ask starts the server: a run without database tests does not pay for one.
 */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  let testServer: Promise<TestServer> | undefined;
  const start = () => (testServer ??= startTestServer({ serverUrl: process.env['TEST_DATABASE_URL'] ?? process.env['DATABASE_URL'], migrationsDir }));
  const path = `/${randomBytes(16).toString('hex')}`;
  const broker = createServer((request, response) => {
    if (request.method !== 'POST' || request.url !== path) return void response.writeHead(404).end();
    start()
      .then((server) => server.createDatabase())
      .then(
        (url) => response.end(url),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
  });
  provide('testDatabaseBroker', (await listen(broker, { host: '127.0.0.1', port: 0 })) + path);
  return async () => {
    await closeGracefully(broker, 0);
    // A server that failed to start has told the test that asked, and stopped itself.
    await testServer?.then(
      (server) => server.stop(),
      () => {},
    );
  };
}
