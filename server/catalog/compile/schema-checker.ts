import { createHash } from 'node:crypto';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Schema } from './schema-types.ts';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { definitionName } from './schema-graph.ts';

/** Patterns are judged where they are converted. Compiling them here would give outside text to the engine of the language. */
const uncompiled = Object.assign((pattern: string) => ({ test: () => true, toString: () => pattern }), { code: 'uncompiled' });

/** Why a validator of JSON Schema 2020-12 refuses a schema that stands beside definitions of these references; undefined when it takes it. */
export type SchemaChecker = (schema: Schema, references: Iterable<string>) => string | undefined;

/**
 * A checker for the parts of one document's schemas. Each part is compiled once, wherever it stands and its definitions being taken for
 * sound, because to compile every tool's schema whole takes a minute for a document of some hundred operations. An Ajv of its own, dropped with the document: Ajv
 * keeps what it has compiled for as long as it lives, and takes longer to set up than to compile a usual schema.
 */
export function schemaChecker(): SchemaChecker {
  const ajv = new Ajv2020({ strict: false, logger: false, validateFormats: false, addUsedSchema: false, code: { regExp: uncompiled } });
  const known = new Map<string, string | undefined>();
  return (schema, references) => {
    if (!isObject(schema)) return undefined;
    const stubs = Object.fromEntries(Array.from(references, (reference) => [definitionName(reference), {}]));
    const part = { ...schema, $defs: stubs };
    const key = createHash('sha256').update(JSON.stringify(part)).digest('base64');
    if (!known.has(key)) known.set(key, compileFault(ajv, part));
    return known.get(key);
  };
}

function compileFault(ajv: Ajv2020, schema: JsonObject): string | undefined {
  try {
    ajv.compile(schema);
    return undefined;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).slice(0, 300);
  } finally {
    ajv.removeSchema(schema);
  }
}
