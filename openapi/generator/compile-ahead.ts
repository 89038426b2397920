import type { Ajv2020 } from 'ajv/dist/2020.js';
import { _ } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';

/** npm may give ajv-formats an Ajv of its own, whose code fragments ours takes for data: where the formats come from is said here. */
export const codeOptions = { source: true, esm: true, lines: true, formats: _`require("ajv-formats/dist/formats").fullFormats` };

/** The schemas that `exported` names, as one self-contained ESM file of functions: Ajv's own output would `require` its helpers. */
export async function compileAhead(ajv: Ajv2020, exported: Record<string, string>): Promise<string> {
  const result = await build({
    stdin: { contents: standaloneCode.default(ajv, exported), resolveDir: import.meta.dirname, loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    legalComments: 'none',
    charset: 'utf8',
  });
  return withoutEffects(withoutPlaces(result.outputFiles[0]?.text ?? ''));
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
export function withoutAnnotations(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAnnotations);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !(key === 'discriminator' && typeof inner === 'object') && key !== 'example')
      .map(([key, inner]) => [key, withoutAnnotations(inner)]),
  );
}
