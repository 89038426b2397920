import type { ApiItem } from '@stoa/generated/schemas.ts';
import type { ManagedObject } from '../../engine/model.ts';
import { adoptedTag, tagsOf } from './names.ts';

const kinds: ReadonlySet<string> = new Set(['service', 'route']);

/** A service that was there before, and its routes, as they were when they were taken over, with our marks beside their own. */
export const renderAdopted = (gatewayId: string, owner: string, objects: NonNullable<ApiItem['adopted']>): ManagedObject[] =>
  objects
    .filter(({ kind }) => kinds.has(kind))
    .map(({ kind, id, label, fields }): ManagedObject => {
      const own = Array.isArray(fields['tags']) ? (fields['tags'] as string[]) : [];
      const tags = [...new Set([...own, ...tagsOf(gatewayId, [owner]), adoptedTag])];
      return { kind, id, label, owner, alsoFor: [], fields: { ...fields, tags } };
    });
