import { userInfo } from 'node:os';
import type { Actor, Entry } from './entry.ts';
import { appendFor } from './append.ts';
import type { Sql } from '../database/sql.ts';

/** Who runs a command on the machine of the server: its user there. */
export const commandActor = (): Actor => ({ kind: 'server', name: `${userName()} on the server's machine`, client: 'stoa-control-plane' });

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a number that has no name.
    return `user ${process.getuid?.()}`;
  }
}

type ByCommand = Pick<Entry, 'action'> & { key: { id: string; name: string }; detail?: Record<string, unknown> };

/** Records what a command does with a key, in the transaction of it: for its tenant, or for all where the key serves all. */
export async function recordCommand(sql: Sql, tenantId: string | undefined, { action, key, detail }: ByCommand): Promise<void> {
  const entry: Entry = { kind: 'change', action, outcome: 'done', actor: commandActor(), object: { kind: 'key', ...key }, detail };
  // In the order of their ids, in which everybody locks the heads of several tenants.
  const { rows } = await sql.query<{ id: string }>('SELECT id FROM tenant WHERE $1::uuid IS NULL OR id = $1::uuid ORDER BY id', [tenantId ?? null]);
  for (const { id } of rows) await appendFor(sql, id, [entry]);
}
