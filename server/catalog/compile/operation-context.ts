import type { JsonObject } from './json.ts';
import type { ToolSchemas } from './tool-schemas.ts';

/** One operation of the document and what compiling it needs. */
export type OperationContext = {
  document: JsonObject;
  schemas: ToolSchemas;
  /** Parameters that carry credentials of the API, as `header x-api-key`; header names in lower case. */
  credentials: ReadonlySet<string>;
  method: string;
  path: string;
  pathItem: JsonObject;
  value: JsonObject;
  /** How the loss report names the operation, such as `GET /orders`. */
  where: string;
  lose: (what: string) => void;
};
