import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ControlPlane } from '../../subjects/over-http.ts';
import type { Suite } from '../case.ts';
import { beat, newName, registration } from './samples.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

async function post({ url, gatewayKey }: ControlPlane, path: string, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${gatewayKey}` };
  return fetch(`${url}/v1/internal/gateways/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** ADR-057 and nothing else: all that is asked of a server at the level `adr`. */
export const twoCalls: Suite<ControlPlane> = (check) => {
  check(
    ['REG-001', 'REG-002', 'BEAT-001', 'BEAT-003'],
    'it answers a registration with an id and an interval, and a heartbeat with 200',
    async (controlPlane) => {
      const ids = new Set<string>();
      for (const mode of ['edge_mcp', 'sidecar', 'connect']) {
        const answer = await post(controlPlane, 'register', registration({ gateway_mode: mode }));
        assert.equal(answer.status, 200, `registering as ${mode}`);
        const { gateway_id, heartbeat_interval_s: interval } = (await answer.json()) as { gateway_id: string; heartbeat_interval_s: number };
        assert.match(gateway_id, uuid);
        assert.ok(Number.isInteger(interval) && interval >= 5 && interval <= 3600, `the interval is ${interval}`);
        for (const status of ['healthy', 'degraded', 'unhealthy']) {
          assert.equal((await post(controlPlane, `${gateway_id}/heartbeat`, beat({ status }))).status, 200, `a heartbeat that says ${status}`);
        }
        ids.add(gateway_id);
      }
      assert.equal(ids.size, 3, 'three instances were given one id');
      const body = registration({ instance_name: newName() });
      const [one, again] = [await post(controlPlane, 'register', body), await post(controlPlane, 'register', body)];
      assert.equal(((await one.json()) as { gateway_id: string }).gateway_id, ((await again.json()) as { gateway_id: string }).gateway_id);
    },
  );

  check(
    ['REG-007', 'FAIL-404'],
    'it refuses a mode that is none of the three, and a heartbeat of a gateway that it does not know',
    async (controlPlane) => {
      for (const gateway_mode of ['edge-mcp', 'mesh', 'CONNECT', ''])
        assert.equal((await post(controlPlane, 'register', registration({ gateway_mode }))).status, 400, `the mode ${JSON.stringify(gateway_mode)}`);
      assert.equal((await post(controlPlane, `${randomUUID()}/heartbeat`, beat())).status, 404);
    },
  );
};
