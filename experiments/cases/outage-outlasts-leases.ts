import pg from 'pg';
import type { Experiment } from '../experiment.ts';
import { done } from '../lab/ask.ts';

const instances = 50;

export const outageOutlastsLeases: Experiment = {
  id: 'outage-outlasts-leases',
  criterion: 'After an outage of an hour nobody who was online before is shown offline, at any reading.',
  async run(lab) {
    const { ask, databaseUrl } = await lab.plane();
    const { secret } = await done(ask<{ secret: string }>('POST', '/v1/gateway-keys', { name: 'outage' }));
    for (let n = 0; n < instances; n += 1) {
      const instance = { instance_name: `outlasts-${n}`, gateway_mode: 'edge_mcp', version: '1', features: [], environment: 'outage' };
      await done(ask('POST', '/v1/internal/gateways/register', instance, secret));
    }
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    // Only the database's clock judges leases: an hour passes when all that it has written is an hour older.
    await client.query(
      "BEGIN; UPDATE control_plane_state SET updated_at = updated_at - interval '1 hour'; UPDATE gateway_lease SET lease_until = lease_until - interval '1 hour'; COMMIT",
    );
    await client.end();
    let offline = 0;
    for (let reading = 0; reading < 20; reading += 1) {
      const { body } = await ask<{ items: unknown[] }>('GET', '/v1/gateways?environment=outage&liveness=offline&limit=500');
      offline = Math.max(offline, body.items.length);
    }
    return { figure: `${offline} of ${instances} shown offline`, passed: offline === 0 };
  },
};
