import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findDrift } from '@stoa/openapi/generate.ts';
import { differingFiles, generatePrismaClient } from '../prisma/generate.ts';

const root = join(import.meta.dirname, '..');

describe('what is generated and committed', () => {
  it('is what the OpenAPI documents say: run `make generate` and commit', async () => {
    expect(await findDrift(join(root, 'generated'))).toEqual([]);
  });

  it('is made byte for byte the same a second time', async () => {
    const { generate } = await import('@stoa/openapi/generate.ts');
    const [first, second] = [await generate(), await generate()];
    expect([...first.keys()].filter((name) => first.get(name) !== second.get(name))).toEqual([]);
  });

  it('is, for the Prisma client, what the schema says: run `make generate` and commit', () => {
    const scratch = mkdtempSync(join(tmpdir(), 'stoa-prisma-'));
    try {
      generatePrismaClient(scratch);
      expect(differingFiles(join(root, 'generated/prisma'), scratch)).toEqual([]);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });

  it('says in every file of code that it is not to be edited, where it comes from and how to remake it', () => {
    const files = execFileSync('git', ['ls-files', 'generated/*.ts', 'generated/*.js'], { cwd: root, encoding: 'utf8' })
      .trim()
      .split('\n')
      .filter((name) => !name.startsWith('generated/prisma/'));
    const bare = files.filter(
      (name) =>
        !/^\/\/ DO NOT EDIT\. Made from openapi\/.+ by openapi\/generate\.ts; remake with `make generate`\.\n/.test(
          execFileSync('head', ['-c', '400', join(root, name)], { encoding: 'utf8' }),
        ),
    );
    expect(files.length).toBeGreaterThan(5);
    expect(bare).toEqual([]);
  });
});
