import type { Writer } from '../../engine/apply.ts';
import type { KongAdmin } from './admin.ts';
import type { KongKind } from './entities.ts';
import { ttlOf } from './render-consumer.ts';

/** Makes single changes through the Admin API. */
export function kongWriter(admin: KongAdmin, nowMs: () => number): Writer {
  return {
    grantsAccess: new Set(['route', 'consumer', 'credential', 'membership'] satisfies KongKind[]),
    async write({ action, object }) {
      const kind = object.kind as KongKind;
      if (action === 'delete') return admin.remove(kind, object.id);
      if (action === 'patch') return admin.patch(kind, object.id, object.fields);
      const ttl = kind === 'credential' ? ttlOf(object.fields['tags'], nowMs()) : undefined;
      await admin.put(kind, object.id, ttl === undefined ? object.fields : { ...object.fields, ttl });
    },
  };
}
