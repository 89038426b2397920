import { afterAll, beforeAll, describe, it } from 'vitest';
import { startControlPlaneSubject } from './subjects/control-plane.ts';
import type { ControlPlane } from './subjects/control-plane.ts';
import { documentedAnswers } from './suite/management/index.ts';
import { titleOf } from './suite/case.ts';

describe('every operation answers as documented', () => {
  let controlPlane: ControlPlane;
  beforeAll(async () => {
    controlPlane = await startControlPlaneSubject();
  });
  afterAll(() => controlPlane.close());
  documentedAnswers((cites, sentence, run) => it(titleOf(cites, sentence), () => run(controlPlane)));
});
