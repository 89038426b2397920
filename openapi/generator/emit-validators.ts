import { _ } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import addFormats from 'ajv-formats';
import { build } from 'esbuild';
import type { OpenApiDocument } from './document.ts';

type Emitted = { code: string; declarations: string };

/**
 * Validators for every schema of the document, compiled ahead of time, so that no product compiles schemas when it starts.
 * Bundled into one self-contained ESM file: Ajv's own output would `require` its helpers.
 */
export async function emitValidators(document: OpenApiDocument): Promise<Emitted> {
  const schemas = document.components['schemas'] ?? {};
  // npm may give ajv-formats an Ajv of its own, whose code fragments ours takes for data: where the formats come from is said here.
  const formats = _`require("ajv-formats/dist/formats").fullFormats`;
  const ajv = new Ajv2020({ strict: false, allErrors: true, inlineRefs: false, code: { source: true, esm: true, lines: true, formats } });
  addFormats.default(ajv);
  const exported: Record<string, string> = {};
  ajv.addSchema({ $id: 'contract', components: { schemas: withoutAnnotations(schemas) } });
  for (const name of Object.keys(schemas)) {
    const $id = `validate-${name}`;
    ajv.addSchema({ $id, $ref: `contract#/components/schemas/${name}` });
    exported[`validate${name}`] = $id;
  }
  const result = await build({
    stdin: { contents: standaloneCode.default(ajv, exported), resolveDir: import.meta.dirname, loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    legalComments: 'none',
    charset: 'utf8',
  });
  return { code: withoutEffects(withoutPlaces(result.outputFiles[0]?.text ?? '')), declarations: declare(Object.keys(schemas)) };
}

/** esbuild notes where each part came from, and npm decides where that is: the same documents must give the same bytes on every machine. */
const withoutPlaces = (code: string): string =>
  code.replaceAll(/^ *\/\/ \S*(?:node_modules|<stdin>)\S*\n/gm, '').replaceAll(/"[^"\n]*node_modules\/([^"\n]+)"\(/g, '"$1"(');

/**
 * Ajv notes at each function what it has looked at, as a property. As a variable of its own, a bundler sees that nothing happens there, and leaves out the
 * validators that a program does not import: of a megabyte a runtime needs a tenth.
 */
const withoutEffects = (code: string): string =>
  code.replaceAll(/^(validate\d+)\.evaluated = /gm, 'var $1_evaluated = ').replaceAll(/\b(validate\d+)\.evaluated\b/g, '$1_evaluated');

/** Examples and discriminators say nothing to a validator; Ajv refuses OpenAPI's `discriminator.mapping`. */
function withoutAnnotations(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAnnotations);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !(key === 'discriminator' && typeof inner === 'object') && key !== 'example')
      .map(([key, inner]) => [key, withoutAnnotations(inner)]),
  );
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
