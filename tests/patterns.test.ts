import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

// The engine of the language back-tracks: one pattern and 40 characters from outside stop a program for hours. What the programs get from
// documents, policies, headers, settings and arguments is therefore matched by lib/pattern.ts alone.
const root = join(import.meta.dirname, '..');
const shipped = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'server', 'runtimes', 'clients', 'lib'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((file) => /\.(ts|tsx|mjs)$/.test(file) && !/\.test\.ts$|\/testing\//.test(file))
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));

/** Made of this repository's own words. */
const ownWords = ['server/access/authenticator.ts', 'lib/setting-schemas.ts'];

describe('no program that ships', () => {
  it('makes a regular expression of a text that it was given', () => {
    const made = shipped.filter(({ text }) => /\bRegExp\s*\(/.test(withoutComments(text))).map(({ file }) => file);
    expect(made.filter((file) => !ownWords.includes(file))).toEqual([]);
  });

  it('hands a text to the methods of strings that make one of it', () => {
    const handed = shipped.filter(({ text }) => /\.(?:match|matchAll|search)\((?!\/|ipaddr\.)/.test(withoutComments(text))).map(({ file }) => file);
    expect(handed).toEqual([]);
  });

  it('compiles schemas without an engine of our own for their patterns', () => {
    const compiling = shipped.filter(({ text }) => /\bnew Ajv\w*\(/.test(text));
    expect(compiling.length).toBeGreaterThan(0);
    expect(compiling.filter(({ text }) => !/\bcode: \{ regExp\b/.test(text)).map(({ file }) => file)).toEqual([]);
  });

  it('takes formats from where they are checked for back-tracking', () => {
    const importing = shipped.filter(({ text }) => /from 'ajv-formats/.test(text)).map(({ file }) => file);
    expect(importing).toEqual(['lib/formats.ts']);
  });
});

const withoutComments = (text: string): string => text.replace(/\/\*[^]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
