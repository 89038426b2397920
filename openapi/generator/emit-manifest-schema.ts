import type { OpenApiDocument } from './document.ts';

/** A JSON Schema of all manifests, for editors, and for what judges them without a server. Each kind is a definition of its own. */
export function emitManifestSchema({ components, info }: OpenApiDocument): string {
  const definitions = rewritten(components['schemas'] ?? {}) as Record<string, unknown>;
  const kinds = Object.keys(definitions).filter((name) => name.endsWith('Manifest') && 'apiVersion' in propertiesOf(definitions[name]));
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $comment: 'DO NOT EDIT. Made from openapi/manifests.yaml by openapi/generate.ts; remake with `make generate`.',
    title: info.title,
    type: 'object',
    required: ['apiVersion', 'kind'],
    properties: { kind: { enum: kinds.map((name) => name.replace(/Manifest$/, '')) } },
    // Not oneOf: editors then tell the faults of the kind that is meant.
    allOf: kinds.map((name) => ({
      if: { properties: { kind: { const: name.replace(/Manifest$/, '') } }, required: ['kind'] },
      then: { $ref: `#/$defs/${name}` },
    })),
    $defs: definitions,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

const propertiesOf = (schema: unknown): object => (schema as { properties?: object }).properties ?? {};

/** References lead to the definitions; what OpenAPI adds to JSON Schema is left out. */
function rewritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewritten);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => key !== 'example' && !(key === 'discriminator' && typeof inner === 'object'))
      .map(([key, inner]) => [
        key,
        key === '$ref' && typeof inner === 'string' ? inner.replace('#/components/schemas/', '#/$defs/') : rewritten(inner),
      ]),
  );
}
