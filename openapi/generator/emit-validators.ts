import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { codeOptions, compileAhead, withoutAnnotations } from './compile-ahead.ts';
import type { OpenApiDocument } from './document.ts';

type Emitted = { code: string; declarations: string };

/** Validators for every schema of the document, compiled ahead of time, so that no product compiles schemas when it starts. */
export async function emitValidators(document: OpenApiDocument): Promise<Emitted> {
  const schemas = document.components['schemas'] ?? {};
  const ajv = new Ajv2020({ strict: false, allErrors: true, inlineRefs: false, code: codeOptions });
  addFormats.default(ajv);
  const exported: Record<string, string> = {};
  ajv.addSchema({ $id: 'contract', components: { schemas: withoutAnnotations(schemas) } });
  for (const name of Object.keys(schemas)) {
    const $id = `validate-${name}`;
    ajv.addSchema({ $id, $ref: `contract#/components/schemas/${name}` });
    exported[`validate${name}`] = $id;
  }
  return { code: await compileAhead(ajv, exported), declarations: declare(Object.keys(schemas)) };
}

function declare(names: string[]): string {
  return [
    "import type { ErrorObject } from 'ajv';",
    "import type * as schemas from './schemas.ts';",
    '',
    '/** True when the value has the shape; otherwise `errors` holds every fault until the next call. */',
    'export type Validator<T> = { (value: unknown): value is T; errors?: ErrorObject[] | null };',
    ...names.map((name) => `export declare const validate${name}: Validator<schemas.${name}>;`),
    '',
  ].join('\n');
}
