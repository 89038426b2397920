import type { Writer } from '../../engine/model.ts';
import type { KongAdmin } from './admin.ts';
import type { KongKind } from './entities.ts';
import { ttlOf } from './render-consumer.ts';

/** Makes the first change of a write by one request; the others go with it: the plugins of a service that is deleted. */
export function kongWriter(admin: KongAdmin, nowMs: () => number): Writer<undefined> {
  return {
    async write({ changes: [change] }) {
      if (change === undefined) return;
      const { action, object } = change;
      const kind = object.kind as KongKind;
      if (action === 'delete') return admin.remove(kind, object.id);
      const ttl = kind === 'credential' ? ttlOf(object.fields['tags'], nowMs()) : undefined;
      await admin[action](kind, object.id, ttl === undefined ? object.fields : { ...object.fields, ttl });
    },
  };
}
