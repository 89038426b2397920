import { ChainVerifier } from '@stoa/lib/audit-chain.ts';
import type { ChainReport } from '@stoa/lib/audit-chain.ts';
import type { AuditKeys } from './audit-keys.ts';
import { chainOf, endOf } from './read.ts';
import type { Reader } from './read.ts';

/** Follows the whole chain of a tenant, up to the last record at this moment, and says where it is broken. */
export async function verifyChain(read: Reader, { publicKeys }: Pick<AuditKeys, 'publicKeys'>, tenantId: string): Promise<ChainReport> {
  const verifier = new ChainVerifier(publicKeys);
  const { head, last } = await read((sql) => endOf(sql, tenantId));
  for await (const lines of chainOf(read, tenantId, last))
    for (const line of lines) {
      if (line.type === 'record') verifier.record(line);
      else verifier.checkpoint(line);
    }
  return verifier.end(head);
}
