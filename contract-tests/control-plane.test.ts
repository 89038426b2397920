import { afterAll, beforeAll, describe, it } from 'vitest';
import { startControlPlaneSubject } from './subjects/control-plane.ts';
import type { ControlPlane } from './subjects/control-plane.ts';
import { titleOf } from './suite/case.ts';
import { controlPlaneSuites } from './suite/control-plane/index.ts';

let controlPlane: ControlPlane;
beforeAll(async () => {
  controlPlane = await startControlPlaneSubject();
});
afterAll(() => controlPlane.close());

for (const [name, suite] of Object.entries(controlPlaneSuites)) {
  describe(`Control Plane: ${name}`, () => {
    suite((cites, sentence, run) => it(titleOf(cites, sentence), () => run(controlPlane)));
  });
}
