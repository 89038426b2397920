import assert from 'node:assert/strict';
import { adrOnlyClient } from '../../adr-only-client.ts';
import type { ControlPlane } from '../../subjects/over-http.ts';
import type { Suite } from '../case.ts';
import { gatewayPage, register } from './samples.ts';

export const adrOnly: Suite<ControlPlane> = (check) => {
  check(['ADR-001', 'REG-013', 'REG-012'], 'twenty lines written from the ADR register, beat, and are shown online', async (controlPlane) => {
    const waits: number[] = [];
    const wait = async (seconds: number) => void waits.push(seconds);
    const first = await adrOnlyClient(controlPlane.url, controlPlane.gatewayKey, 3, wait);
    assert.equal(first.accepted, 3);
    assert.ok(waits.every((seconds) => seconds >= 5 && seconds <= 3600));
    if (controlPlane.hasOperator) {
      const page = await gatewayPage(controlPlane, first.id);
      assert.deepEqual([page.liveness, page.gateway_mode, page.instance_name, page.unknown_fields], ['online', 'connect', 'kong-prod-01', []]);
    }
    // A client of ours registers under the same name. That of the ADR knows no leases: it is not refused, and goes on.
    await register(controlPlane, { instance_name: 'kong-prod-01', gateway_mode: 'connect' });
    assert.deepEqual(await adrOnlyClient(controlPlane.url, controlPlane.gatewayKey, 3, wait), { id: first.id, accepted: 3 });
  });
};
