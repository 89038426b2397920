import { afterAll, beforeAll, describe, it } from 'vitest';
import { startControlPlaneSubject } from './subjects/control-plane.ts';
import type { ControlPlane } from './subjects/control-plane.ts';
import { authentication } from './suite/authentication.ts';
import { titleOf } from './suite/case.ts';

describe('every operation is authenticated', () => {
  let controlPlane: ControlPlane;
  beforeAll(async () => {
    controlPlane = await startControlPlaneSubject();
  });
  afterAll(() => controlPlane.close());
  authentication((cites, sentence, run) => it(titleOf(cites, sentence), () => run(controlPlane)));
});
