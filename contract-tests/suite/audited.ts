import assert from 'node:assert/strict';
import { operations } from '@stoa/generated/operations.ts';
import type { OperationId } from '@stoa/generated/operations.ts';
import { accessOf } from '@stoa/generated/permissions.ts';
import type { CallOptions, ControlPlane } from '../subjects/over-http.ts';
import type { Suite } from './case.ts';
import { makeApproval, samples } from './management/samples.ts';
import type { Sample } from './management/samples.ts';

/** What does something by being read. */
const recordedReads: readonly string[] = ['exportAudit'];
/** An API and a deployment, of which each is recorded. */
const makesTwo: readonly string[] = ['adoptService'];
/** Its stream ends after a second; it reads what another operation reads. */
const slowReads: readonly string[] = ['streamGatewayEvents'];

/** Where the sample of the other suites does nothing that there is to record. */
const particular: Readonly<Record<string, Sample>> = {
  // What is done when it is approved leaves a record of its own; a key is made afterwards, by who asked.
  approveApproval: async (controlPlane) => ({ path: { approval_id: (await makeApproval(controlPlane, 'reveals')).approval_id }, body: {} }),
  // A bearer token has no session to end.
  deleteSession: async (controlPlane) => {
    const { headers } = await controlPlane.call('createSession', (await samples['createSession']?.(controlPlane)) ?? {});
    return { token: null, headers: { cookie: headers['set-cookie']?.split(';')[0] ?? '', origin: controlPlane.url } };
  },
};

/** Every operation of people: one that writes leaves exactly one record, whose action is its operationId, and one that reads leaves none. */
export const audited: Suite<ControlPlane> = (check) => {
  for (const id of Object.keys(operations) as OperationId[]) {
    const { method, security, isPublic } = operations[id];
    const isOfPeople =
      id === 'createSession' || (!isPublic && (security as readonly string[]).some((scheme) => scheme === 'operator' || scheme === 'session'));
    if (!isOfPeople || slowReads.includes(id)) continue;
    const wanted = (method as string) !== 'get' || recordedReads.includes(id) ? (makesTwo.includes(id) ? [id, id] : [id]) : [];
    check(['OPS-003'], `${id} leaves ${['no record', 'one record', 'two records'][wanted.length]} in the audit`, async (controlPlane) => {
      const sample = particular[id] ?? samples[id];
      assert.ok(sample, `there is no sample of ${id}`);
      const options: CallOptions = await sample(controlPlane);
      const before = await lastSeq(controlPlane);
      const { status, text } = await controlPlane.call(id, options);
      assert.ok(status < 300, text);
      const rows = await controlPlane.query<{ action: string; outcome: string; actor_kind: string }>(
        `SELECT action, outcome, actor_kind FROM audit_record WHERE tenant_id = $1 AND seq > $2 AND kind <> 'key-use' ORDER BY seq`,
        [controlPlane.tenantId, before],
      );
      assert.deepEqual(
        rows,
        wanted.map((action) => ({ action, outcome: 'done', actor_kind: accessOf(id) === 'person' ? 'user' : 'token' })),
      );
    });
  }
};

async function lastSeq({ query, tenantId }: ControlPlane): Promise<string> {
  const [head] = await query<{ seq: string }>('SELECT seq FROM audit_head WHERE tenant_id = $1', [tenantId]);
  return head?.seq ?? '0';
}
