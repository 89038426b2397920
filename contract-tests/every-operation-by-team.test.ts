import { afterAll, beforeAll, describe, it } from 'vitest';
import { startControlPlaneSubject } from './subjects/control-plane.ts';
import type { ControlPlane } from './subjects/control-plane.ts';
import { titleOf } from './suite/case.ts';
import { teamRights } from './suite/team-rights.ts';

describe('a role in a team holds for what is of the team', () => {
  let controlPlane: ControlPlane;
  beforeAll(async () => {
    controlPlane = await startControlPlaneSubject();
  });
  afterAll(() => controlPlane.close());
  teamRights((cites, sentence, run) => it(titleOf(cites, sentence), () => run(controlPlane)));
});
