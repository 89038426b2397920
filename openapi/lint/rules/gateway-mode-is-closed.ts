import type { Oas3Rule, UserContext } from '@redocly/openapi-core';
import { gatewayModes } from '../../gate/adr-057.ts';
import { asObject, resolved } from '../nodes.ts';

const names = new Set(['gateway_mode', 'gateway_modes', 'mode', 'modes']);

/** ADR-057: the enum is edge_mcp, sidecar, connect wherever a mode is named, in a body, a filter or a list; no alias, no default. */
export const gatewayModeIsClosed: Oas3Rule = () => ({
  SchemaProperties(properties, context) {
    for (const [name, node] of Object.entries(asObject(properties))) {
      if (names.has(name)) check(name, node, [name], context);
    }
  },
  Parameter(parameter, context) {
    const { name, schema } = asObject(parameter);
    if (typeof name === 'string' && names.has(name)) check(name, schema, ['schema'], context);
  },
  Schema(schema, context) {
    const values = asObject(schema)['enum'];
    const known = Array.isArray(values) ? values.filter((value) => (gatewayModes as readonly unknown[]).includes(value)) : [];
    if (known.length >= 2) report(values, 'This enum', ['enum'], context);
  },
});

function check(name: string, node: unknown, path: string[], context: UserContext): void {
  const schema = resolved(node, context);
  const single = schema['type'] === 'array' ? resolved(schema['items'], context, schema.source) : schema;
  // A list of objects called modes says things about modes; the names in it are checked where they stand.
  if (single['type'] === 'object') return;
  const values = single['enum'] ?? (single['const'] === undefined ? undefined : [single['const']]);
  // A runtime that has one mode may say so: `const` of one of the three is as closed as can be.
  if (single['const'] !== undefined && (gatewayModes as readonly unknown[]).includes(single['const'])) return;
  report(values, name, path, context);
  if (schema['default'] !== undefined)
    context.report({ message: `${name} has a default; ADR-057 knows none: a mode is always said.`, location: context.location.child(path) });
}

function report(values: unknown, what: string, path: string[], { report: tell, location }: UserContext): void {
  if (Array.isArray(values) && values.length === gatewayModes.length && gatewayModes.every((mode) => values.includes(mode))) return;
  tell({
    message: `${what} must have the enum [${gatewayModes.join(', ')}] and no other value: a new mode needs an ADR.`,
    location: location.child(path),
  });
}
