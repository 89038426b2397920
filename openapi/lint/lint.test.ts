import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatProblem, lintContract } from './lint.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stoa-lint-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

const entry = `openapi: 3.1.0
info: { title: Sample, version: 1.0.0, license: { name: Apache-2.0, identifier: Apache-2.0 } }
servers: [{ url: / }]
tags: [{ name: Things, description: What the sample lists. }]
paths:
  /v1/things:
    get: { $ref: ./paths/get-things.yaml }
`;

const operation = `operationId: getThings
tags: [Things]
summary: List things
description: Lists every thing there is.
security: []
x-stoa-public: The sample has no secrets.
x-stoa-permission: public
responses:
  '200':
    description: The things.
    content:
      application/json:
        schema: { $ref: '../schemas/thing.yaml#/Thing' }
`;

const writeSample = (schema: string): void => {
  write('things.yaml', entry);
  write('paths/get-things.yaml', operation);
  write('schemas/thing.yaml', schema);
};

describe('the linter over a folder of documents', () => {
  it('says nothing of good documents', async () => {
    writeSample('Thing: { type: string, description: A thing., example: cup }\n');
    expect(await lintContract(folder, ['things.yaml'])).toEqual([]);
  });

  it('names the file and the line of a problem in a shared file, once', async () => {
    writeSample('Thing:\n  type: object\n  example: {}\n  properties:\n    name: { type: string }\n');
    write('more.yaml', entry);
    const problems = await lintContract(folder, ['things.yaml', 'more.yaml']);
    expect(problems.map((problem) => formatProblem(problem, folder))).toEqual([
      'schemas/thing.yaml:5:11  stoa/descriptions-are-sentences  The field name has no description.',
    ]);
  });

  it('refuses an example that its own schema refuses, by the standard rules', async () => {
    writeSample('Thing: { type: string, maxLength: 2, description: A thing., example: cup }\n');
    expect((await lintContract(folder, ['things.yaml'])).map((problem) => problem.rule)).toContain('no-invalid-schema-examples');
  });

  it('refuses a file that no document uses', async () => {
    writeSample('Thing: { type: string, description: A thing., example: cup }\n');
    write('paths/forgotten.yaml', operation);
    expect(await lintContract(folder, ['things.yaml'])).toMatchObject([{ rule: 'stoa/file-is-used', file: join(folder, 'paths/forgotten.yaml') }]);
  });
});
