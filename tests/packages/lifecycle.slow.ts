import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { fileOf, folders, versions } from './built.ts';
import { describeLifecycle } from './lifecycle.ts';
import { withOtherConfiguration } from './other-configuration.ts';

const place = mkdtempSync(join(tmpdir(), 'stoa-lifecycle-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

describeLifecycle(async () => {
  const newer = fileOf(folders.newer, /^stoa-connect_.*\.deb$/);
  return { older: fileOf(folders.older, /\.deb$/), newer, changed: withOtherConfiguration(newer, place), versions };
});
