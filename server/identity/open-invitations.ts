import type { OpenInvitation } from '@stoa/generated/schemas.ts';
import type { Sql } from '../database/sql.ts';
import type { Position } from '../operations/page.ts';
import { present, toTimestamp } from '../operations/wire.ts';

type InvitationRow = {
  id: string;
  email: string | null;
  roles: string[];
  hint: string;
  invited_by: string | null;
  created_at: Date;
  expires_at: Date;
};

const columns = 'id, email, roles, hint, invited_by, created_at, expires_at';
const isOpen = 'tenant_id = $1::uuid AND user_id IS NULL AND used_at IS NULL AND expires_at > now()';

/** Invitations of a tenant by which somebody may join still, the oldest first. */
export async function openInvitations(sql: Sql, tenantId: string, take: number, after: Position | undefined): Promise<InvitationRow[]> {
  const { rows } = await sql.query<InvitationRow>(
    `SELECT ${columns} FROM invitation WHERE ${isOpen} AND ($3::timestamptz IS NULL OR (created_at, id) > ($3::timestamptz, $4::uuid))
     ORDER BY created_at, id LIMIT $2::int`,
    [tenantId, take, after?.created_at ?? null, after?.id ?? null],
  );
  return rows;
}

/** Deletes an invitation that nobody joined by, and answers what it was. */
export async function takeBack(sql: Sql, tenantId: string, id: string): Promise<InvitationRow | undefined> {
  const { rows } = await sql.query<InvitationRow>(`DELETE FROM invitation WHERE ${isOpen} AND id = $2::uuid RETURNING ${columns}`, [tenantId, id]);
  return rows[0];
}

export const toOpenInvitation = ({ id, email, roles, hint, invited_by, created_at, expires_at }: InvitationRow): OpenInvitation => ({
  invitation_id: id,
  // Stored only after the contract's enum was checked.
  roles: roles as OpenInvitation['roles'],
  hint,
  created_at: toTimestamp(created_at),
  expires_at: toTimestamp(expires_at),
  ...present({ email, invited_by }),
});
