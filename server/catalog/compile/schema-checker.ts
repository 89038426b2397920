import { Ajv2020 } from 'ajv/dist/2020.js';
import type { JsonObject } from './json.ts';

/** Why a validator of JSON Schema 2020-12 refuses a schema; undefined when it takes it. */
export type SchemaChecker = (schema: JsonObject) => string | undefined;

/**
 * A checker for the schemas of one document. An Ajv of its own, dropped with the document: Ajv keeps what it has compiled for as long as
 * it lives, and takes longer to set up than to compile a usual schema.
 */
export function schemaChecker(): SchemaChecker {
  const ajv = new Ajv2020({ strict: false, logger: false, validateFormats: false, addUsedSchema: false });
  return (schema) => {
    try {
      ajv.compile(schema);
      return undefined;
    } catch (error) {
      // A chain of thousands of references exhausts the stack of the validator: it is a fault of the schema like any other.
      return (error instanceof Error ? error.message : String(error)).slice(0, 300);
    } finally {
      ajv.removeSchema(schema);
    }
  };
}
