import type { McpServerReport } from '@stoa/generated/schemas.ts';
import type { FederatedServer } from './server.ts';

/** The Control Plane takes 8 MiB; what is more is told of by its number. */
const maxDefinitionsChars = 6 * 1024 * 1024;

/** What the Control Plane is told of a server. */
export function reportOf({ state, reason, catalog }: Pick<FederatedServer, 'state' | 'reason' | 'catalog'>): McpServerReport {
  const serverInfo = catalog?.serverInfo === undefined ? undefined : (JSON.parse(catalog.serverInfo) as unknown);
  let chars = 0;
  const told = (catalog?.offers ?? []).filter(({ text }) => (chars += text.length) <= maxDefinitionsChars);
  return {
    state,
    ...(reason !== undefined && { reason: reason.slice(0, 2000) }),
    ...(catalog !== undefined && { protocol_version: catalog.protocolVersion }),
    ...(typeof serverInfo === 'object' && serverInfo !== null && { server_info: serverInfo as NonNullable<McpServerReport['server_info']> }),
    ...(catalog?.instructions !== undefined && { instructions: catalog.instructions }),
    definitions: told.map(({ kind, name, sha256, text }) => ({ kind, name, sha256, definition: JSON.parse(text) as Record<string, never> })),
  };
}
