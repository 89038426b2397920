import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import { deleteExpiredRows } from './housekeeping.ts';

it('deletes sessions and links long over and idempotency keys nobody will send again, and nothing else', async () => {
  const plane = await startTestControlPlane();
  const { pool } = plane.store;
  for (const [kind, over] of [
    ['link', '2 days'],
    ['session', '2 days'],
    ['session', '2 hours'],
    ['token', '2 days'],
  ]) {
    await pool.query(
      `INSERT INTO operator_token (tenant_id, name, roles, kind, hmac, hint, expires_at) SELECT id, $1, '{viewer}', $1, decode(md5($1 || $2), 'hex'), '', now() - $2::interval FROM tenant`,
      [kind, over],
    );
  }
  for (const age of ['40 days', '20 days'])
    await pool.query(
      `INSERT INTO usage_batch (tenant_id, gateway_id, boot_id, seq, received_at) SELECT id, $1, $2, 1, now() - $3::interval FROM tenant`,
      [randomUUID(), randomUUID(), age],
    );
  await pool.query(
    `INSERT INTO oidc_payload (model, id, payload, expires_at) SELECT 'Session', name::bytea, '', now() + over::interval FROM (VALUES ('over', '-1 s'), ('good', '1 h')) AS v (name, over)`,
  );
  expect(await deleteExpiredRows(pool)).toEqual({ sessions: 2, batches: 1 });
  const kept = await pool.query<{ id: Buffer }>('SELECT id FROM oidc_payload');
  expect(kept.rows.map(({ id }) => id.toString())).toEqual(['good']);
  expect(await deleteExpiredRows(pool)).toEqual({ sessions: 0, batches: 0 });
  const { rows } = await pool.query<{ kind: string }>(`SELECT kind FROM operator_token WHERE expires_at IS NOT NULL ORDER BY kind`);
  expect(rows.map(({ kind }) => kind)).toEqual(['session', 'token']);
  await plane.close();
});
