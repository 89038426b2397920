import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fixture } from './fixture/fixture.ts';
import { startSdk1 } from './fixture/sdk1.ts';
import { startSdk2 } from './fixture/sdk2.ts';
import { countOf, lostIn } from './judged.ts';
import type { Judged, Rest } from './judged.ts';
import { startRest } from './rest-fixture.ts';
import { checksOf, installSuites, runs } from './suites.ts';
import { startSystem } from './system.ts';
import type { System } from './system.ts';

const table = join(import.meta.dirname, '../../dist/conformance.json');
const revisions: Judged[] = [];
const rest: Rest[] = [];
let system: System;
beforeAll(async () => {
  await installSuites();
  system = await startSystem();
});
afterAll(async () => {
  await system.stop();
  await mkdir(join(table, '..'), { recursive: true });
  await writeFile(table, `${JSON.stringify({ date: new Date().toISOString(), revisions, rest }, null, 2)}\n`);
});

const fixtures: readonly { readonly name: string; start(): Promise<Fixture> }[] = [
  { name: 'SDK 2.x', start: startSdk2 },
  { name: 'SDK 1.x', start: startSdk1 },
];

describe.each(fixtures)('behind a Gateway and a Link, a server on the $name', ({ name, start }) => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await start();
    await system.serveMcp(fixture.url);
  });
  afterAll(() => fixture.stop());

  it.each(runs)('loses no check of $revision of the suite $suite', async (run) => {
    const direct = await checksOf(run, `${fixture.url}/mcp`);
    // One after the other: some checks change what the fixture offers.
    const gateway = await checksOf(run, system.urls.gateway);
    const link = await checksOf(run, system.urls.link);
    const lost = { gateway: lostIn(direct, gateway), link: lostIn(direct, link) };
    const names = [...new Set([...lost.gateway, ...lost.link].map((each) => each.name))];
    const counts = { direct: countOf(direct), gateway: countOf(gateway), link: countOf(link) };
    revisions.push({ revision: run.revision, suite: run.suite, fixture: name, ...counts, lost: names });
    expect(lost).toEqual({ gateway: [], link: [] });
  });
});

describe('an API whose operations are named as the tools of the suite', () => {
  let upstream: Awaited<ReturnType<typeof startRest>>;
  beforeAll(async () => {
    upstream = await startRest();
    await system.serveRest(upstream.url);
  });
  afterAll(() => upstream.stop());

  it.each(runs)('passes what an API can pass of $revision of the suite $suite', async (run) => {
    const checks = await checksOf(run, system.urls.gateway);
    rest.push({
      revision: run.revision,
      suite: run.suite,
      ...countOf(checks),
      checks: [...checks.values()].filter(({ status }) => status !== 'INFO').length,
    });
    expect(countOf(checks).passed).toBeGreaterThan(0);
  });
});
