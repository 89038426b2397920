import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Fixture } from '../mcp/fixture/fixture.ts';
import { startSdk1 } from '../mcp/fixture/sdk1.ts';
import { startSdk2 } from '../mcp/fixture/sdk2.ts';
import { startSystem } from '../mcp/system.ts';
import type { System, Target } from '../mcp/system.ts';
import { cases } from './cases.ts';
import { typescriptClients } from './typescript.ts';

const table = join(import.meta.dirname, '../../dist/clients.json');
const rows: { client: string; server: string; through: Target; case: string; outcome: string; why?: string }[] = [];
let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(async () => {
  await system.stop();
  await mkdir(join(table, '..'), { recursive: true });
  await writeFile(table, `${JSON.stringify({ date: new Date().toISOString(), rows }, null, 2)}\n`);
});

const servers = [
  { server: 'SDK 2.x', start: startSdk2 },
  { server: 'SDK 1.x', start: startSdk1 },
];
const targets: readonly Target[] = ['gateway', 'link'];

describe.each(servers)('a server on the $server', ({ server, start }) => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await start();
    await system.serveMcp(fixture.url);
  });
  afterAll(() => fixture.stop());

  describe.each(typescriptClients)('with $name', ({ name, connect }) => {
    describe.each(targets)('through the %s', (through) => {
      it.each(Object.entries(cases))('%s', async (title, run) => {
        const row = { client: name, server, through, case: title };
        try {
          const client = await connect(system.urls[through]);
          try {
            await run(client);
          } finally {
            await client.close();
          }
          rows.push({ ...row, outcome: 'passed' });
        } catch (error) {
          rows.push({ ...row, outcome: 'failed', why: (error as Error).message.slice(0, 500) });
          throw error;
        }
      });
    });
  });
});
