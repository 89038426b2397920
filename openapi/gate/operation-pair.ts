import type { SeenPairs } from './comparison.ts';
import type { JsonObject, OpenApiDocument } from './document.ts';

/** One operation on both sides, with what it inherits from its path item. */
export interface OperationPair {
  readonly baseline: OpenApiDocument;
  readonly current: OpenApiDocument;
  /** `METHOD /path`. */
  readonly name: string;
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly pathBefore: JsonObject;
  readonly pathAfter: JsonObject;
  readonly seen: SeenPairs;
}
