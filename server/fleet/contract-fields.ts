import controlPlaneDocument from '@stoa/generated/control-plane.openapi.json' with { type: 'json' };
import type { Pool } from 'pg';

const { RegisterRequest, HeartbeatRequest } = controlPlaneDocument.components.schemas;
const known = {
  RegisterRequest: new Set(Object.keys(RegisterRequest.properties)),
  HeartbeatRequest: new Set(Object.keys(HeartbeatRequest.properties)),
};
const maxFields = 32;
const maxNameLength = 64;
const none: string[] = [];

/** Names of the members that the contract does not know: accepted, ignored and shown by name (N−1 compatibility). */
export function unknownFieldsOf(schema: keyof typeof known, body: object): string[] {
  let unknown: string[] | undefined;
  // One pass without allocation when all are known, as they are in nearly every heartbeat.
  for (const name in body) if (!known[schema].has(name)) (unknown ??= []).push(name.slice(0, maxNameLength));
  return unknown === undefined ? none : unknown.sort().slice(0, maxFields);
}

/** Adds the unknown fields of heartbeats to those of the registration. Writes only what is not there yet, so repeating it costs a look. */
export async function noteUnknownFields(pool: Pool, beats: { gatewayId: string; unknownFields: string[] }[]): Promise<void> {
  await pool.query({
    name: 'note-unknown-fields',
    text: `UPDATE gateway g SET unknown_fields = ARRAY(SELECT DISTINCT f FROM unnest(g.unknown_fields || sent.fields) f ORDER BY f LIMIT ${maxFields})
           FROM (SELECT (s->>'gateway_id')::uuid AS id, ARRAY(SELECT jsonb_array_elements_text(s->'fields')) AS fields FROM jsonb_array_elements($1::jsonb) s) sent
           WHERE g.id = sent.id AND NOT g.unknown_fields @> sent.fields AND cardinality(g.unknown_fields) < ${maxFields}`,
    values: [JSON.stringify(beats.map(({ gatewayId, unknownFields }) => ({ gateway_id: gatewayId, fields: unknownFields })))],
  });
}
