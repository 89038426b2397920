import type { Logger } from '@stoa/lib/log.ts';
import type { CredentialChain } from '../../decide/credential-chain.ts';
import type { Snapshot } from '../../model.ts';

/** Says in the log what a chain names and there is not: when it changes, and not with each configuration. */
export function sayingUnknown(chain: CredentialChain, log: Logger): (snapshot: Snapshot) => void {
  let told = '';
  return (snapshot) => {
    const entries = chain.unknownIn(snapshot);
    if (entries.join() === told) return;
    told = entries.join();
    if (entries.length > 0)
      log.warn({ entries }, 'STOA_MCP_CHAIN names issuers or consumers that this tenant has not: nobody is let in by these entries.');
    else log.info('All that STOA_MCP_CHAIN names is there.');
  };
}
