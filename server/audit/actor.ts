import type { Principal } from '../access/principal.ts';
import type { OperationId } from '@stoa/generated/operations.ts';
import type { Maker } from '@stoa/generated/schemas.ts';
import { present } from '../operations/wire.ts';
import type { Actor } from './entry.ts';

/** From where something was asked, and with which client. */
export type AskedOperation = { readonly operationId: OperationId; readonly address: string; readonly client: string | undefined };

/** Who asks. A session that a sign-in link made is its token's, a person's session is the person's. */
export function actorOf(principal: Principal | undefined, asked?: Pick<AskedOperation, 'address' | 'client'>): Actor {
  const from = { address: asked?.address, client: asked?.client };
  if (principal === undefined) return { kind: 'nobody', ...from };
  if (principal.kind === 'gateway_key') return { kind: 'gateway_key', id: principal.keyId, ...from };
  const { userId, issuerId, tokenId, name } = principal;
  if (userId !== undefined) return { kind: 'user', id: userId, tokenId, name, ...from };
  return { kind: 'token', id: issuerId, tokenId: tokenId === issuerId ? undefined : tokenId, name, ...from };
}

/** Who made or changed something, as it is kept with the thing itself. */
export function makerOf(principal: Principal | undefined): Maker {
  const { kind, id = '', name = '' } = actorOf(principal);
  return { kind: kind === 'user' || kind === 'token' ? kind : 'server', id, name };
}

type Made = { created_by: unknown; updated_by?: unknown };

/** What a row tells of its makers. Nobody is known of what is older than the audit. */
export function makersOf({ created_by, updated_by }: Made): { created_by?: Maker; updated_by?: Maker } {
  return present({ created_by: created_by as Maker | null, updated_by: updated_by as Maker | null });
}
