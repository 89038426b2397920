import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { adaptersDocument, capabilityMatrix } from '@stoa/connect/vendors/document.ts';
import { vendorNames, vendors } from '@stoa/connect/vendors/table.ts';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' }).trim().split('\n');

/** The places that an added vendor touches. Everything else of Connect is the same for all of them. */
const places = [/^runtimes\/connect\/vendors\/table\.ts$/, /^runtimes\/connect\/laws\/subjects\.ts$/, /^examples\//];

describe('a vendor of Connect', () => {
  it.each(vendorNames)(
    '%s has a folder with fetch, transform, plan, apply, probe and capabilities, a guide, and its place in the suite of laws',
    (name) => {
      const files = ['fetch', 'transform', 'plan', 'apply', 'probe', 'capabilities', 'settings', 'vendor', 'adapter'];
      const wanted = [...files.map((file) => `runtimes/connect/vendors/${name}/${file}.ts`), `docs/guides/connect-with-${name}.md`];
      expect(wanted.filter((file) => !existsSync(join(root, file)))).toEqual([]);
      expect(read('README.md')).toContain(`connect-with-${name}.md`);
      expect(read('runtimes/connect/laws/subjects.ts')).toContain(`./${name}`);
    },
  );

  it('has a folder of its own, and every folder is in the table', () => {
    const folders = readdirSync(join(root, 'runtimes/connect/vendors'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual([...vendorNames].sort());
  });

  it('is named nowhere in the engine, nor elsewhere in Connect outside of its folder, the table of vendors and the suites', () => {
    const shared = tracked.filter(
      (file) => /^runtimes\/connect\/.*\.ts$/.test(file) && !/\/vendors\/[a-z-]+\/|\.test\.ts$|\/testing\/|\/laws\//.test(file),
    );
    expect(shared.length).toBeGreaterThan(20);
    const named = shared.flatMap((file) => {
      const text = read(file).replace(
        /\bKong-Admin-Token\b|Open-source Kong ignores it; a proxy before it may not\.|default: 'kong'|text\('target'\) \?\? 'kong'/g,
        '',
      );
      return vendorNames.filter((name) => new RegExp(`\\b${name}\\b`, 'i').test(text)).map((name) => `${file}: ${name}`);
    });
    expect(named.filter((entry) => !places.some((place) => place.test(entry.split(':')[0] ?? '')))).toEqual([]);
  });

  it('is imported by the table alone, so that its code is loaded for who has such a gateway', () => {
    const importing = tracked
      .filter((file) => /^(runtimes|clients)\/.*\.ts$/.test(file) && !/\.test\.ts$|\/testing\/|\/laws\//.test(file))
      .flatMap((file) => [...read(file).matchAll(/from '[^']*?\/?vendors\/([a-z-]+)\/[^']+'|from '\.\/([a-z-]+)\/vendor\.ts'/g)].map(() => file));
    expect([...new Set(importing)]).toEqual(['runtimes/connect/vendors/table.ts']);
  });

  it('has settings that begin with its name and have no default, so that what has no effect can be told', () => {
    const wrong = vendorNames.flatMap((name) =>
      Object.entries(vendors[name].settings).flatMap(([key, setting]) =>
        key.startsWith(name) && setting.fallback === undefined && !setting.required ? [] : [key],
      ),
    );
    expect(wrong).toEqual([]);
  });
});

it('docs/adapters.md and the matrix of the Console say what the adapters declare: `npm run -s generate` writes it', () => {
  expect(read('docs/adapters.md')).toBe(adaptersDocument());
  expect(JSON.parse(read('clients/web/src/capabilities/matrix.json'))).toEqual(capabilityMatrix());
});
