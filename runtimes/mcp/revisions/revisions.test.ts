import { readdirSync } from 'node:fs';
import { SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server';
import { expect, it } from 'vitest';
import { newest, revisionNames, revisionSaidIn } from './revisions.ts';

it('has a file for each revision, and no file for none', () => {
  const files = readdirSync(import.meta.dirname)
    .filter((file) => /^\d/.test(file))
    .map((file) => file.replace('.ts', ''));
  expect(files.toSorted()).toEqual(revisionNames.toSorted());
});

it('has those that the SDK speaks, so that none is refused by one lane and served by the other', () => {
  expect(revisionNames).toEqual(expect.arrayContaining(SUPPORTED_PROTOCOL_VERSIONS));
  expect(revisionNames.filter((name) => name < newest.modern.name).toSorted()).toEqual(
    SUPPORTED_PROTOCOL_VERSIONS.filter((name) => name < newest.modern.name).toSorted(),
  );
});

it('lists the newest first', () => {
  expect(revisionNames).toEqual(revisionNames.toSorted().toReversed());
  expect([newest.modern.name, newest.legacy.name]).toEqual(['2026-07-28', '2025-11-25']);
});

it('takes a request without the header for one of 2025-03-26, and one of a revision that nobody speaks for none of the stateless ones', () => {
  expect(revisionSaidIn({}).name).toBe('2025-03-26');
  expect(revisionSaidIn({ 'mcp-protocol-version': '2031-01-01' }).era).toBe('legacy');
});
