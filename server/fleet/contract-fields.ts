import controlPlaneDocument from '@stoa/generated/control-plane.openapi.json' with { type: 'json' };

const schemas = controlPlaneDocument.components.schemas;

/** Names of the members that the contract does not know: accepted, ignored, counted and shown (N−1 compatibility). */
export function unknownFieldsOf(schema: 'RegisterRequest' | 'HeartbeatRequest', body: object): string[] {
  const known = schemas[schema].properties;
  return Object.keys(body).filter((name) => !Object.hasOwn(known, name)).slice(0, 32).map((name) => name.slice(0, 64)).sort();
}
