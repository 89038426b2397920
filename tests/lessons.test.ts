import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => /\.(ts|tsx|mjs|md|yaml|sql|prisma|sh)$/.test(file) && file !== 'docs/lessons.md' && existsSync(join(root, file)));

/** The numbers that a text cites, as "lesson 9", "lessons 2 and 3" or "lessons 2, 3 and 5". */
function cited(text: string): number[] {
  return [...text.matchAll(/\blessons? (\d+(?:(?:, | and )\d+)*)/gi)].flatMap(([, list = '']) => list.split(/, | and /).map(Number));
}

const lessons = read('docs/lessons.md')
  .split(/^## /m)
  .slice(1)
  .map((section) => ({
    number: Number.parseInt(section, 10),
    tests: [...section.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, file = '']) => file),
  }));

describe('docs/lessons.md', () => {
  it('numbers its lessons from 1 without a gap', () => {
    expect(lessons.length).toBeGreaterThanOrEqual(39);
    expect(lessons.map(({ number }) => number)).toEqual(lessons.map((_, index) => index + 1));
  });

  it('leads from each lesson to tests that cite it', () => {
    const broken = lessons.flatMap(({ number, tests }) =>
      tests.filter((file) => !existsSync(join(root, file)) || !cited(read(file)).includes(number)).map((file) => `lesson ${number}: ${file}`),
    );
    expect(broken).toEqual([]);
    expect(lessons.filter(({ tests }) => tests.length === 0)).toEqual([]);
  });

  it('has every lesson that is cited anywhere', () => {
    const known = new Set(lessons.map(({ number }) => number));
    const citations = files.flatMap((file) => cited(read(file)).map((number) => ({ file, number })));
    expect(citations.length).toBeGreaterThan(150);
    expect(citations.filter(({ number }) => !known.has(number))).toEqual([]);
  });
});

it('nothing cites a document that is not in the repository', () => {
  // Put together here, so that this file does not hold what it looks for.
  const absent = new RegExp(`\\b(${['contract', 'design', 'roadmap', 'targets'].join('|')})\\.md\\b`);
  expect(files.filter((file) => absent.test(read(file)))).toEqual([]);
});
