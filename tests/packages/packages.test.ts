import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeDeb } from '../../build/packages/deb.ts';
import type { Built } from '../../build/packages/installed-files.ts';
import { platforms } from '../../build/packages/platforms.ts';
import { products } from '../../build/packages/products.ts';
import { describeLifecycle } from './lifecycle.ts';
import type { Builds } from './lifecycle.ts';
import { withOtherConfiguration } from './other-configuration.ts';

const place = mkdtempSync(join(tmpdir(), 'stoa-packages-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));
const [connect] = products;
const here = platforms.find(({ cpu }) => cpu === process.arch);
if (connect === undefined || here === undefined) throw new Error('There is nothing to make packages of.');

/** A package that is whole but for its program, which tells its version and no more. */
async function sample(version: string, folder: string): Promise<string> {
  const [own, out] = [join(place, folder), join(place, folder, 'out')];
  mkdirSync(out, { recursive: true });
  const executable = join(own, 'stoa-connect');
  writeFileSync(executable, `#!/bin/sh\necho stoa-connect ${version}\n`, { mode: 0o755 });
  const texts = { sbom: '{}\n', licences: 'None.\n', help: 'Usage: stoa-connect\n' };
  const built: Built = { product: connect!, version, epochS: 1_796_000_000, executable, ...texts };
  return makeDeb(built, here!, own, out);
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
