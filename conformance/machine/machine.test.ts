import { randomUUID } from 'node:crypto';
import { startControlPlaneSubject } from '@stoa/contract-tests/subjects/control-plane.ts';
import type { ControlPlane } from '@stoa/contract-tests/subjects/over-http.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { lives } from './commands.ts';
import type { Real } from './commands.ts';
import { ProtocolMachine } from './model.ts';

const sequences = Number(process.env['MACHINE_SEQUENCES'] ?? 200);
const seed = process.env['MACHINE_SEED'];

let controlPlane: ControlPlane;
beforeAll(async () => {
  controlPlane = await startControlPlaneSubject();
});
afterAll(() => controlPlane.close());

describe('the protocol as a state machine', () => {
  it(`answers ${sequences} lives of an instance as its model says`, { timeout: 3_600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(lives(10), async (commands) => {
        const real: Real = { controlPlane, name: `life-${randomUUID()}`, key: await controlPlane.mintKey(), gatewayId: '', leaseS: 0 };
        await fc.asyncModelRun(() => ({ model: new ProtocolMachine(), real }), commands);
      }),
      // The seed of a failure is told with it.
      { numRuns: sequences, ...(seed !== undefined && { seed: Number(seed) }) },
    );
  });
});
