import { join } from 'node:path';
import { writeDurably } from '@stoa/lib/durable-file.ts';
import type { GatewayConfig } from '@stoa/generated/schemas.ts';
import { strangerOf } from './kept-form.ts';
import type { KeptForm, Owner } from './kept-form.ts';
import { verifyConfig } from './verify-config.ts';
import type { WholeForm } from './whole-form.ts';

/** A desired state that came as one document, in one file. */
export function keptDocument(stateDir: string, owner: Owner): KeptForm & { save(whole: WholeForm): Promise<void> } {
  const path = join(stateDir, 'last-known-good.json');
  return {
    path,
    save: ({ signed }) => writeDurably(path, JSON.stringify({ owner, config: signed })),
    async read(text, keys) {
      const { owner: saved, config } = JSON.parse(text) as { owner?: Partial<Owner>; config: GatewayConfig };
      const stranger = strangerOf(saved, owner);
      return stranger === undefined ? verifyConfig(JSON.stringify(config), config.gateway_id, keys.trusted(config.gateway_id)) : { fault: stranger };
    },
  };
}
