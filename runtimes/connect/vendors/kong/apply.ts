import type { Writer } from '../../engine/model.ts';
import type { KongAdmin } from './admin.ts';
import type { KongKind } from './entities.ts';
import { ttlOf } from './render-consumer.ts';

/** Makes single changes through the Admin API: each write has one. */
export function kongWriter(admin: KongAdmin, nowMs: () => number): Writer<undefined> {
  return {
    async write({ changes }) {
      for (const { action, object } of changes) {
        const kind = object.kind as KongKind;
        if (action === 'delete') await admin.remove(kind, object.id);
        else if (action === 'patch') await admin.patch(kind, object.id, object.fields);
        else {
          const ttl = kind === 'credential' ? ttlOf(object.fields['tags'], nowMs()) : undefined;
          await admin.put(kind, object.id, ttl === undefined ? object.fields : { ...object.fields, ttl });
        }
      }
    },
  };
}
