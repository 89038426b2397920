import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { AuditRecord } from '@stoa/generated/schemas.ts';
import { answered } from '../answered.ts';
import { CommandError } from '../exit-codes.ts';
import { table } from '../output/table.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions, OpenSession } from '../session.ts';
import type { Terminal } from '../terminal.ts';
import { timestamp } from '../timestamp.ts';
import type { AuditExportOptions, AuditListOptions } from './audit-options.ts';

const maxPages = 100_000;

/** Lists what was done, the newest first. */
export async function listAudit(terminal: Terminal, options: AuditListOptions): Promise<void> {
  const session = await openSession(terminal, options);
  const { kind, action, actor, object, outcome } = options;
  const given = { kind, action, actor, object, outcome, since: timestamp('since', options.since), until: timestamp('until', options.until) };
  const query = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Query;
  const limit = options.all === true ? 500 : options.limit;
  const items: AuditRecord[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const part = await pageOf(session, { ...query, ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }) });
    if (options.output === 'jsonl') terminal.out(part.items.map((item) => `${JSON.stringify(item)}\n`).join(''));
    else items.push(...part.items);
    cursor = part.next_cursor ?? undefined;
    if (options.all !== true || cursor === undefined) break;
  }
  if (options.output === 'json') terminal.out(`${JSON.stringify({ items }, null, 2)}\n`);
  if (options.output === 'table') terminal.out(table(['AT', 'ACTION', 'OBJECT', 'WHO', 'FROM', 'OUTCOME'], items.map(rowOf)));
  if (cursor !== undefined && options.all !== true) terminal.err('There are older ones: --all shows them all, --limit more of them.\n');
}

type Query = { kind?: AuditRecord['kind']; outcome?: AuditRecord['outcome']; limit?: number; cursor?: string };
const pageOf = ({ client }: OpenSession, query: Query) => answered(client.listAudit({ params: { query } }));

/** Approvals are told apart by their ids: what is named is the operation, of which many may wait. */
const nameOf = ({ kind, id, name }: NonNullable<AuditRecord['object']>): string =>
  kind === 'approval' && id !== undefined ? `${id}${name === undefined ? '' : ` (${name})`}` : (name ?? id ?? '');

function rowOf({ at, action, object, actor, outcome, detail }: AuditRecord): string[] {
  const what = object === undefined ? '' : `${object.kind}/${nameOf(object)}`;
  const times = typeof detail?.['count'] === 'number' ? ` × ${detail['count']}` : '';
  // Of a call that a runtime refused it is the reason that tells it from others.
  const { reason, policy } = detail ?? {};
  const by = typeof policy === 'string' ? ` by ${policy}` : '';
  const why = action === 'call' && typeof reason === 'string' ? `: ${reason}${by}` : '';
  return [at, action + why + times, what.replace(/\/$/, ''), actor.name ?? actor.id ?? actor.kind, actor.address ?? '', outcome];
}

/** Prints the whole chain with its checkpoints, or writes it to a file. */
export async function exportAudit(terminal: Terminal, options: AuditExportOptions): Promise<void> {
  const { client } = await openSession(terminal, options);
  const body = await answered<Readable>(
    client.exportAudit({ headers: { accept: 'application/jsonl' }, parseAs: 'stream' }) as Parameters<typeof answered<Readable>>[0],
  );
  const file = options.to === undefined ? undefined : createWriteStream(options.to, { mode: 0o600 });
  let lines = 0;
  const decoder = new TextDecoder();
  try {
    if (file) await once(file, 'open');
    for await (const chunk of body as AsyncIterable<Buffer>) {
      lines += chunk.reduce((count, byte) => count + Number(byte === 0x0a), 0);
      if (file === undefined) terminal.out(decoder.decode(chunk, { stream: true }));
      else if (!file.write(chunk)) await once(file, 'drain');
    }
    if (file) await new Promise<void>((resolve, reject) => file.once('error', reject).end(resolve));
  } catch (error) {
    file?.destroy();
    if (error instanceof CommandError) throw error;
    throw new CommandError('failed', `The export broke off after ${lines} lines: ${(error as Error).message}. Start it again.`, { cause: error });
  }
  if (options.to !== undefined) terminal.out(`${lines} lines are in ${options.to}.\n`);
}

/** Tells the public keys of checkpoints. */
export async function getAuditKeys(terminal: Terminal, options: GlobalOptions & { output: string }): Promise<void> {
  const { client } = await openSession(terminal, options);
  const { items } = await answered(client.getAuditKeys());
  if (options.output === 'json') terminal.out(`${JSON.stringify({ items }, null, 2)}\n`);
  else
    terminal.out(
      table(
        ['KEY', 'ALGORITHM', 'PUBLIC KEY'],
        items.map(({ key_id, algorithm, public_key }) => [key_id, algorithm, public_key]),
      ),
    );
}
