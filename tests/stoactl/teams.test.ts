import { afterAll, beforeAll, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { commandLine } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

const example = readFileSync(join(import.meta.dirname, '../../examples/teams/fulfilment.yaml'), 'utf8');
let plane: TestControlPlane;
let cli: CommandLine;
const run = (line: string, given = {}) => cli.run(line.split(' '), given);
beforeAll(async () => {
  cli = commandLine();
  plane = await startTestControlPlane();
  await cli.run(['context', 'set', 'here', '--server', plane.url, '--token-file', '-'], { stdin: plane.adminToken });
});
afterAll(async () => {
  cli.remove();
  await plane?.close();
});

it('applies a team with what it owns, once, exports it, and takes away what a manifest leaves out', async () => {
  const ids = ['Team/fulfilment', 'Consumer/parcel-tracker', 'Api/parcels', 'GatewayKey/fulfilment gateways'];
  expect((await run('apply -f -', { stdin: example })).out).toBe(ids.map((id) => `${id} created\n`).join(''));
  expect((await run('apply -f -', { stdin: example })).out).toBe(ids.map((id) => `${id} unchanged\n`).join(''));
  expect((await run('diff -f -', { stdin: example })).code).toBe(0);
  const exported = await run('export teams consumers apis gateway-keys');
  expect(exported.out.match(/team: fulfilment/g)).toHaveLength(3);
  expect((await run('diff -f -', { stdin: exported.out })).code).toBe(0);
  expect((await run('get apis -o wide')).out).toMatch(/TEAM .*\nparcels .*fulfilment/);
  expect((await run('describe team fulfilment')).out).toContain('kind: Team\nname: fulfilment\ndescription: ');
  expect((await run('delete team fulfilment')).code).toBe(6);
  const unowned = 'apiVersion: stoa.dev/v1\nkind: Consumer\nmetadata: { name: parcel-tracker }\n';
  expect((await run('diff -f -', { stdin: unowned })).out).toContain('spec.team: "fulfilment" → (none)');
});

it('tells of a member whom the tenant does not know, and of a team that there is not', async () => {
  const team = `apiVersion: stoa.dev/v1\nkind: Team\nmetadata: { name: lost }\nspec: { members: [{ user: nobody@example.com, roles: [publisher] }] }\n`;
  expect(await run('apply -f -', { stdin: team })).toMatchObject({ code: 1, err: expect.stringContaining('invite this person first') });
  const consumer = `apiVersion: stoa.dev/v1\nkind: Consumer\nmetadata: { name: orphan }\nspec: { team: lost }\n`;
  expect(await run('apply -f -', { stdin: consumer })).toMatchObject({ code: 1, err: expect.stringContaining('make lost first') });
});
