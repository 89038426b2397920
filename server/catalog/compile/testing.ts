import type { ApiOperation } from '@stoa/generated/schemas.ts';
import { compileApi } from './compile-api.ts';
import type { ApiSource, CompiledApi } from './compile-api.ts';
import type { JsonObject } from './json.ts';
import { parseDocument } from './parse-document.ts';

/** A document with these members, compiled; for tests. */
export function compiled(members: JsonObject, options: Partial<ApiSource> = {}): CompiledApi {
  const document = parseDocument({
    openapi: '3.1.0',
    info: { title: 'Test', version: '1.0.0' },
    servers: [{ url: 'https://api.example.com/base/' }],
    ...members,
  });
  return compileApi({ name: 'shop', document, ...options });
}

/** The only operation of a document with one, and its losses; for tests. */
export function compiledOperation(
  path: string,
  method: string,
  operation: JsonObject,
  members: JsonObject = {},
): { operation: ApiOperation; losses: string[]; input: JsonObject; output: JsonObject } {
  const { operations, losses } = compiled({ paths: { [path]: { [method]: operation } }, ...members });
  const [first] = operations;
  if (first === undefined) throw new Error(`The operation was dropped: ${losses.map((loss) => loss.what).join(' ')}`);
  return { operation: first, losses: losses.map((loss) => loss.what), input: first.tool.input_schema, output: first.tool.output_schema ?? {} };
}
