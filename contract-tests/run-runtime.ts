import { afterAll, beforeAll, describe, it } from 'vitest';
import { startControlPlaneSubject } from './subjects/control-plane.ts';
import type { ControlPlane } from './subjects/control-plane.ts';
import type { RuntimeKind } from './subjects/runtime.ts';
import { titleOf } from './suite/case.ts';
import { runtimeSuites } from './suite/runtime/index.ts';
import { realServer } from './suite/runtime/real-server.ts';

// A case waits for several heartbeats, and a heartbeat comes every five seconds at most.
const timeoutMs = 240_000;
// A runtime with that interval gives an answer up after 1.7 s and asks again: where the machine takes longer to carry one, another story than the
// one that is told. What is truly wrong is wrong again.
const how = { timeout: timeoutMs, retry: 1 };

/** Runs everything that binds this runtime, in one group and side by side: a case is a process that spends its time waiting. */
export function runRuntime(kind: RuntimeKind): void {
  describe.concurrent(kind.product, () => {
    let controlPlane: ControlPlane;
    beforeAll(async () => {
      // The shortest interval, so that heartbeats are soon seen.
      controlPlane = await startControlPlaneSubject({ STOA_HEARTBEAT_INTERVAL_S: '5' });
    });
    afterAll(() => controlPlane.close());
    realServer((cites, sentence, run) => it(`with the real Control Plane: ${titleOf(cites, sentence)}`, how, () => run({ kind, controlPlane })));
    for (const suite of Object.values(runtimeSuites(kind))) {
      suite((cites, sentence, run) => it(titleOf(cites, sentence), how, () => run(kind)));
    }
  });
}
