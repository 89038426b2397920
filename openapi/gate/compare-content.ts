import { additive, breaking, type Change, type Direction } from './change.ts';
import { compareSchemas } from './compare-schemas.ts';
import { isObject, objectAt, type JsonObject } from './document.ts';
import type { OperationPair } from './operation-pair.ts';

/** Compares `content`: media types by their exact name, each with its schema. */
export function compareContent(pair: OperationPair, before: JsonObject, after: JsonObject, where: string, direction: Direction): Change[] {
  const old = objectAt(before, 'content');
  const now = objectAt(after, 'content');
  const hadNone = Object.keys(old).length === 0;
  return [
    ...Object.keys(old)
      .filter((type) => now[type] === undefined)
      .map((type) => breaking(`${direction}-media-type-removed`, `${where} ${type}`, `The media type ${type} was removed.`)),
    ...Object.keys(now)
      .filter((type) => old[type] === undefined)
      .map((type) =>
        additive(
          `${direction}-media-type-added`,
          `${where} ${type}`,
          hadNone ? `The body was empty and may now be ${type}.` : `The media type ${type} is new.`,
        ),
      ),
    ...Object.keys(old)
      .filter((type) => now[type] !== undefined)
      .flatMap((type) => compareSchemas(schemaOf(old[type]), schemaOf(now[type]), `${where} ${type}#`, { ...pair, direction, field: '' })),
  ];
}

const schemaOf = (media: unknown): unknown => (isObject(media) ? (media['schema'] ?? {}) : {});
