import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { signCheckpoint } from '../../audit/checkpoint.ts';
import { chainOf, endOf } from '../../audit/read.ts';
import type { Reader } from '../../audit/read.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { sqlOf } from '../../database/sql.ts';
import { EventStream } from '../../event-stream.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

/** Recorded before the first line is sent: the export is the last record of itself, and the checkpoint is of that. */
export const exportAudit: Handler<operations['exportAudit'], RequestContext> = async (_input, context) => {
  const { tenantId } = requireOperator(context);
  const last = await inTenant(context, async (tx) => {
    await record(tx, context, { kind: 'export', object: { kind: 'audit' } });
    const { head } = await endOf(sqlOf(tx), tenantId);
    await signCheckpoint(sqlOf(tx), context.audit.keys, tenantId, head);
    return head.seq;
  });
  const read: Reader = (work) => inTenant(context, (tx) => work(sqlOf(tx)));
  const body = new EventStream((response) => writeLines(response, context.signal, read, tenantId, last));
  // The type of the contract is text; what is written comes page by page.
  return { status: 200, body: body as unknown as string, headers: { 'Content-Type': 'application/jsonl', 'Cache-Control': 'no-store' } };
};

async function writeLines(response: ServerResponse, signal: AbortSignal, read: Reader, tenantId: string, last: number): Promise<void> {
  try {
    for await (const lines of chainOf(read, tenantId, last)) {
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      // Who reads slowly is waited for: no more than a page is held for him.
      if (text !== '' && !response.write(text)) await once(response, 'drain', { signal });
      if (signal.aborted) return;
    }
    response.end();
  } catch (error) {
    // The head was sent: a body that breaks off says that it is not whole.
    response.destroy();
    if (!signal.aborted) throw error;
  }
}
