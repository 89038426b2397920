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

  // It fails on a machine that others use too. Tests assert the structure that makes things fast: what is counted, called, read, by whom and in
  // which order. Times are measured by experiments/ and bench/. A clock that the test itself moves is exact, and may be asserted on.
  it('has no test that measures time', () => {
    const clocks: [measured: RegExp, moved: RegExp][] = [
      [/\bperformance\.now\(|[cC]puUsage\(|\bhrtime\b|\bcpuSeconds\b/, /\bvi\.useFakeTimers\((?!\{ toFake: \['Date'\])|\btestConnections\(\)/],
      [/\bDate\.now\(\) *-|\.toBe(?:Less|Greater)\w+\([^)]*\bDate\.now\(/, /\bvi\.useFakeTimers\(/],
    ];
    const tests = own.filter((file) => file.endsWith('.test.ts') || /^(?:contract-tests\/suite|lib\/testing)\//.test(file));
    expect(tests.length).toBeGreaterThan(100);
    expect(tests.filter((file) => clocks.some(([measured, moved]) => measured.test(read(file)) && !moved.test(read(file))))).toEqual([]);
  });

  it('names files in kebab-case', () => {
    const sources = own.filter((file) => /\.(ts|tsx|mjs|yaml|css)$/.test(file));
    // Helm looks for this one name.
    const others = sources.filter((file) => !/^deploy\/(?:helm\/(?:examples\/)?|argocd\/)[a-z-]+\/Chart\.yaml$/.test(file));
    expect(others.filter((file) => !/^[a-z0-9.-]+$/.test(file.split('/').at(-1) ?? ''))).toEqual([]);
  });
});

describe('a command that a text names', () => {
  const texts = own.filter((file) => /\.(ts|tsx|md|yaml)$/.test(file) && !file.startsWith('docs/adr/057')).map((file) => [file, read(file)] as const);
  const named = (pattern: RegExp) => texts.flatMap(([file, text]) => [...text.matchAll(pattern)].map((match) => [file, match[1] ?? ''] as const));
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const targets = [...read('Makefile').matchAll(/^([a-z-]+):/gm)].map((match) => match[1]);
  const programs = files.filter((file) => file.startsWith('bin/')).map((file) => file.slice('bin/'.length));

  it('is one of make, of npm, or of bin/, and exists', () => {
    expect(named(/`make ([a-z-]+)/g).filter(([, target]) => !targets.includes(target))).toEqual([]);
    expect(named(/npm run (?:-s |--silent )?([a-z][a-z:]*)/g).filter(([, script]) => !(script in scripts) && script !== 'build')).toEqual([]);
    expect(named(/\bbin\/(stoa[a-z-]+)/g).filter(([, program]) => !programs.includes(program))).toEqual([]);
  });
});
