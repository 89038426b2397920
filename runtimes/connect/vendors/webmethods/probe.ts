import { AdminError } from '../../engine/admin-error.ts';
import { listOf } from './admin.ts';
import type { WebmethodsAdmin } from './admin.ts';

/** The version that the gateway says of itself; undefined where it does not. */
export async function probeWebmethods(admin: WebmethodsAdmin, signal: AbortSignal): Promise<string | undefined> {
  const info = await admin.call('GET', '/is/serverinfo', undefined, signal);
  const text = JSON.stringify(listOf(info['LicenseDetails'])) + JSON.stringify(info['systemInfo'] ?? '');
  const version = /"(?:Product Version|version)":"(\d+(?:\.\d+)+)"/i.exec(text)?.[1];
  if (version === undefined || Number.parseFloat(version) >= 10.15) return version;
  throw new AdminError('unsupported', `This webMethods API Gateway has version ${version}, and the adapter needs 10.15 or newer.`);
}
