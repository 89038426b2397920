import type { JsonObject } from './json.ts';
import type { ToolSchemas } from './tool-schemas.ts';

/** One operation of the document and what compiling it needs. */
export type OperationContext = {
  document: JsonObject;
  schemas: ToolSchemas;
  /** Parameters that carry credentials of the API, as `header x-api-key`; header names in lower case. */
  credentials: ReadonlySet<string>;
  method: string;
  /** The path template, without the query that a path key may have. */
  path: string;
  query: string | undefined;
  /** Path parameters that the key has in its query, and the names that they have there. */
  placeholders: readonly (readonly [parameter: string, name: string])[];
  pathItem: JsonObject;
  value: JsonObject;
  /** How the loss report names the operation, such as `GET /orders`. */
  where: string;
  lose: (what: string) => void;
};
