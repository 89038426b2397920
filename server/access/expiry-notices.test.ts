import { expect, it } from 'vitest';
import type { AuditRecordList, Consumer, ConsumerList, MintedConsumerKey } from '@stoa/generated/schemas.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import { asTenant } from '../tenants/in-tenant.ts';
import { sqlOf } from '../database/sql.ts';
import { tellEnds } from './expiry-notices.ts';

it('seven days before a key of a consumer ends the audit says so, once, and lists tell whose it is', async () => {
  const plane = await startTestControlPlane();
  const { db, log } = plane.context;
  const days = (count: number) => new Date(Date.now() + count * 24 * 3600 * 1000).toISOString();
  const mint = async (name: string, expires_at?: string) => {
    const { consumer_id } = (await plane.request<Consumer>('POST', '/v1/consumers', { body: { name } })).body;
    const { key } = (await plane.request<MintedConsumerKey>('POST', `/v1/consumers/${consumer_id}/keys`, { body: { expires_at } })).body;
    // As though it had been minted long ago.
    await plane.store.pool.query("UPDATE consumer_key SET created_at = now() - interval '90 days' WHERE id = $1 AND $2", [
      key.key_id,
      name !== 'brief',
    ]);
    return { consumer_id, key_id: key.key_id };
  };
  const near = await mint('near', days(6));
  const rotated = await mint('rotated', days(6));
  await mint('later', days(8));
  await mint('for-ever');
  await mint('brief', days(1));
  await plane.request('POST', `/v1/consumers/${rotated.consumer_id}/keys/${rotated.key_id}/rotate`, {
    body: { overlap_s: 3600, expires_at: days(90) },
  });
  const tell = () => tellEnds({ pool: db.pool, log, forTenant: (tenantId, work) => asTenant(db, tenantId, (tx) => work(sqlOf(tx))) });
  await Promise.all([tell(), tell()]);
  await tell();
  const told = (await plane.request<AuditRecordList>('GET', '/v1/audit?action=keyEndsSoon')).body.items;
  expect(told.map(({ object, actor, detail }) => [object?.name, object?.id, actor.kind, Object.keys(detail ?? {})])).toEqual([
    ['near', near.key_id, 'server', ['expires_at']],
  ]);
  const listed = (await plane.request<ConsumerList>('GET', `/v1/consumers?keys_expire_before=${days(7)}`)).body.items;
  expect(listed.map(({ name }) => name)).toEqual(['near', 'rotated', 'brief']);
  expect(listed[0]?.key_expires_at).toMatch(/^20/);
  const all = (await plane.request<ConsumerList>('GET', '/v1/consumers')).body.items;
  expect(all.filter(({ key_expires_at: end }) => end === undefined).map(({ name }) => name)).toEqual(['for-ever']);
  const tag = async () => (await plane.request('GET', `/v1/consumers/${near.consumer_id}`)).headers.get('etag');
  const before = await tag();
  await plane.request('DELETE', `/v1/consumers/${near.consumer_id}/keys/${near.key_id}`);
  expect(await tag()).toBe(before);
  await plane.close();
});
