import document from '@stoa/generated/control-plane.openapi.json' with { type: 'json' };
import { operations } from '@stoa/generated/operations.ts';
import type { OperationId } from '@stoa/generated/operations.ts';
import * as validators from '@stoa/generated/validators.js';

type Validator = { (value: unknown): boolean; errors?: { instancePath: string; message?: string }[] | null };
type Media = { schema?: { $ref?: string } };
type Responses = Record<string, { $ref?: string; content?: Record<string, Media> }>;

// The document is a JSON module: its inferred type is literal and of no use here.
const { paths, components } = document as unknown as {
  paths: Record<string, Record<string, { responses: Responses }>>;
  components: { responses: Responses };
};
const json = /^application\/(?:json|problem\+json)$/;

/** By what an answer differs from what the document says of it. Validators are those that were generated: compiled here, each would walk through the whole document. */
export function answerFaults(id: OperationId, status: number, body: unknown): string[] {
  const { method, path } = operations[id];
  const given = paths[path]?.[method]?.responses[String(status)];
  if (given === undefined) return [`it has no status ${status}`];
  const { content = {} } = components.responses[given.$ref?.split('/').pop() ?? ''] ?? given;
  const [, media] = Object.entries(content).find(([type]) => json.test(type)) ?? [];
  const name = media?.schema?.$ref?.split('/').pop();
  if (name === undefined) return [`it has no body of JSON with the status ${status}`];
  const validate = (validators as unknown as Record<string, Validator | undefined>)[`validate${name}`];
  if (validate === undefined) return [`there is no validator of ${name}`];
  return validate(body) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${name}${instancePath} ${message ?? 'is wrong'}`);
}
