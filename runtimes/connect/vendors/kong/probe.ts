import { AdminError } from '../../engine/admin-error.ts';
import type { KongAdmin, KongNode } from './admin.ts';

/**
 * @throws AdminError `unsupported` for a data plane, which takes its configuration from its control plane alone; and for a Kong before 3.0, which takes a `~` path for a literal
 * one and then never matches it.
 */
export async function requireSupported(admin: KongAdmin, signal: AbortSignal): Promise<KongNode> {
  const node = await admin.node(signal);
  if (Number.parseInt(node.version, 10) < 3) {
    throw new AdminError('unsupported', `This Kong has version ${node.version}, and the Kong adapter needs 3.0 or newer.`);
  }
  if (node.role !== 'data_plane') return node;
  const remedy = 'set STOA_TARGET_GATEWAY_URL to the Admin API of its control plane';
  throw new AdminError('unsupported', `This Kong is a data plane, and takes its configuration from its control plane alone: ${remedy}.`);
}
