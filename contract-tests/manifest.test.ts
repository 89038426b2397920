import { readFileSync } from 'node:fs';
import { operations } from '@stoa/generated/operations.ts';
import { describe, expect, it } from 'vitest';
import { managementContract, registrationContract } from './document/contract.ts';
import { requirements } from './requirements.ts';
import type { Requirement, RequirementId, Subject } from './requirements.ts';
import { citedBy } from './suite/case.ts';
import { authentication } from './suite/authentication.ts';
import { audited } from './suite/audited.ts';
import { rights } from './suite/rights.ts';
import { controlPlaneSuites } from './suite/control-plane/index.ts';
import { documentedAnswers } from './suite/management/index.ts';
import { realServer } from './suite/runtime/real-server.ts';
import { runtimeSuites } from './suite/runtime/index.ts';
import { runtimeKinds } from './subjects/runtime.ts';

const root = new URL('..', import.meta.url);
const all: readonly Requirement[] = requirements;

/** What the runners of this folder register for each subject. Nothing runs here: a suite only says what it would prove. */
const cited: Readonly<Record<Subject, ReadonlySet<RequirementId>>> = {
  'control-plane': new Set([
    ...Object.values(controlPlaneSuites).flatMap((suite) => [...citedBy(suite)]),
    ...citedBy(documentedAnswers),
    ...citedBy(authentication),
    ...citedBy(rights),
    ...citedBy(audited),
  ]),
  gateway: citedByRuntime('gateway'),
  link: citedByRuntime('link'),
  connect: citedByRuntime('connect'),
};

function citedByRuntime(name: keyof typeof runtimeKinds): Set<RequirementId> {
  const suites = Object.values(runtimeSuites(runtimeKinds[name]));
  return new Set([...suites.flatMap((suite) => [...citedBy(suite)]), ...citedBy(realServer)]);
}

const plain = (text: string): string => text.replaceAll(/\s+/g, ' ');

describe('the manifest of requirements', () => {
  it('names each requirement once', () => {
    const ids = all.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
  });

  it.each(all)('$id is promised where its source says', ({ source: { file, quote }, sentence }) => {
    expect(plain(readFileSync(new URL(file, root), 'utf8'))).toContain(plain(quote));
    expect(sentence).toMatch(/\.$/);
  });

  it.each(all.flatMap((requirement) => requirement.binds.map((subject) => ({ ...requirement, subject }))))(
    '$id is proved for $subject',
    ({ id, subject }) => {
      expect([...cited[subject]]).toContain(id);
    },
  );

  it.each(Object.entries(cited))('%s proves nothing that does not bind it', (subject, ids) => {
    const foreign = [...ids].filter((id) => !all.find((requirement) => requirement.id === id)?.binds.includes(subject as Subject));
    expect(foreign).toEqual([]);
  });

  it('knows no operation that the documents do not', () => {
    const unknown = all.flatMap((requirement) => requirement.operations).filter((id) => !Object.hasOwn(operations, id));
    expect(unknown).toEqual([]);
  });

  it.each([...registrationContract.entries, ...managementContract.entries].map(({ id }) => id))('%s is covered', (operationId) => {
    const covering = all.filter((requirement) => requirement.operations.includes(operationId));
    expect(covering).not.toEqual([]);
  });
});
