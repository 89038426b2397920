import { AdminError } from '../../engine/admin-error.ts';
import type { KongAdmin, KongNode } from './admin.ts';

/**
 * @throws AdminError `unsupported` for a Kong without a database, whose whole configuration is replaced at each write, other people's
 * services with it (lesson 15); and for one before 3.0, which takes a `~` path for a literal one and then never matches it.
 */
export async function requireSupported(admin: KongAdmin, signal: AbortSignal): Promise<KongNode> {
  const node = await admin.node(signal);
  if (Number.parseInt(node.version, 10) < 3) {
    throw new AdminError('unsupported', `This Kong has version ${node.version}, and the Kong adapter needs 3.0 or newer.`);
  }
  if (node.database !== 'off') return node;
  throw new AdminError('unsupported', 'This Kong runs without a database, and the Kong adapter needs database mode.');
}
