import { afterAll, beforeAll, describe, it } from 'vitest';
import { startControlPlaneSubject } from './subjects/control-plane.ts';
import type { ControlPlane } from './subjects/control-plane.ts';
import { rights } from './suite/rights.ts';
import { titleOf } from './suite/case.ts';

describe('every operation is open to whom the table says', () => {
  let controlPlane: ControlPlane;
  beforeAll(async () => {
    controlPlane = await startControlPlaneSubject();
  });
  afterAll(() => controlPlane.close());
  rights((cites, sentence, run) => it(titleOf(cites, sentence), () => run(controlPlane)));
});
