import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeDeb } from '../../build/packages/deb.ts';
import { here } from './built.ts';
import { describeLifecycle } from './lifecycle.ts';
import type { Builds } from './lifecycle.ts';
import { withOtherConfiguration } from './other-configuration.ts';
import { sampleOf } from './sample.ts';

const place = mkdtempSync(join(tmpdir(), 'stoa-packages-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));
async function sample(version: string, folder: string): Promise<string> {
  const { built, place: own, out } = sampleOf(version, join(place, folder));
  return makeDeb(built, here, own, out);
}

describeLifecycle(async (): Promise<Builds> => {
  const newer = await sample('0.2.0', 'newer');
  return {
    older: await sample('0.1.0', 'older'),
    newer,
    changed: withOtherConfiguration(newer, place),
    versions: { older: '0.1.0', newer: '0.2.0' },
  };
});

describe('a .deb', () => {
  it('is the same to the byte when it is made again', async () => {
    const [first = '', second = ''] = await Promise.all(['one', 'two'].map((folder) => sample('0.3.0', folder)));
    const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
    expect(digest(second)).toBe(digest(first));
  });

  it('sorts a version before a release before it', async () => {
    const deb = await sample('0.3.0-rc.1', 'candidate');
    expect(execFileSync('dpkg-deb', ['-f', deb, 'Version'], { encoding: 'utf8' }).trim()).toBe('0.3.0~rc.1');
  });
});
