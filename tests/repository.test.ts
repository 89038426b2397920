import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
const own = files.filter((file) => !file.startsWith('generated/') && !/\.(png|ico|jsonl|lock)$|package-lock\.json$/.test(file));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
// Put together here, so that this file does not hold what it looks for.
const registries = new RegExp(['registry\\.npmjs', 'pypi\\.org', 'deb\\.debian', 'proxy\\.golang'].join('|'));
const steering = new RegExp(['\\.\\./sha', 'red/'].join('') + '|' + ['/work/', 'main'].join(''));
const leftovers = new RegExp(['TO', 'DO|FIX', 'ME|\\b(it|test|describe)\\.(only|', 'todo)\\b'].join(''));

describe('the repository', () => {
  it('names no package registry and no machine it was made on', () => {
    expect(own.filter((file) => registries.test(read(file)) || steering.test(read(file)))).toEqual([]);
  });

  it('records no download address in the lockfile', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved": "http/);
  });

  it('holds nothing left for later', () => {
    expect(own.filter((file) => leftovers.test(read(file)))).toEqual([]);
  });

  it('runs no install script of a package: set-up needs the npm registry and no other host', () => {
    expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
  });

  it('names files in kebab-case', () => {
    const sources = own.filter((file) => /\.(ts|tsx|mjs|yaml|css)$/.test(file));
    expect(sources.filter((file) => !/^[a-z0-9.-]+$/.test(file.split('/').at(-1) ?? ''))).toEqual([]);
  });
});
