import { Ajv } from 'ajv';
import { parseAllDocuments } from 'yaml';

type Schema = Record<string, unknown>;
type Definition = Schema & { readonly 'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[] };
type OpenApi = { readonly definitions: Readonly<Record<string, Definition>> };

/** What stands for several types, of which that document names one. */
const several: Readonly<Record<string, Schema>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['string', 'integer'] },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: ['string', 'number'] },
};

/**
 * Judges rendered text by the OpenAPI document (version 2) of Kubernetes, which its source has at `api/openapi-spec/swagger.json` and a cluster at `/openapi/v2`: kinds, types, what is
 * required, and that no field is unknown. Answers a sentence for each fault. Kinds that the document does not have are those of operators, and pass.
 */
export function openApiJudge(document: OpenApi): (text: string) => string[] {
  const closed = Object.entries(document.definitions).map(([name, definition]) => [name, several[name] ?? closedSchema(definition)] as const);
  const ajv = new Ajv({ strict: false, allErrors: true }).addSchema({ $id: 'kubernetes', definitions: Object.fromEntries(closed) });
  const names = new Map(
    Object.entries(document.definitions).flatMap(([name, { 'x-kubernetes-group-version-kind': kinds = [] }]) =>
      kinds.map(({ group, version, kind }) => [`${group === '' ? '' : `${group}/`}${version}/${kind}`, name] as const),
    ),
  );
  return (text) =>
    parseAllDocuments(text).flatMap((each) => {
      const object = each.toJS() as { apiVersion: string; kind: string; metadata?: { name?: string } } | null;
      const name = object === null ? undefined : names.get(`${object.apiVersion}/${object.kind}`);
      const isValid = name === undefined ? undefined : ajv.getSchema(`kubernetes#/definitions/${name}`);
      // Ajv's answer says of the object what TypeScript would believe.
      const fits = object === null || isValid === undefined || Boolean(isValid(object as unknown));
      if (fits) return [];
      return [`${object.kind} ${object.metadata?.name}: ${ajv.errorsText(isValid.errors, { dataVar: '' })}`];
    });
}

/** Of a definition what is a JSON Schema, in which each object takes the properties that are named and no other. */
function closedSchema(schema: unknown): Schema {
  const { $ref, type, properties, additionalProperties, items, required, enum: values } = schema as Schema;
  if ($ref !== undefined) return { $ref };
  const fields = properties as Record<string, unknown> | undefined;
  return {
    ...(type !== undefined && { type }),
    ...(required !== undefined && { required }),
    ...(values !== undefined && { enum: values }),
    ...(items !== undefined && { items: closedSchema(items) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: closedSchema(additionalProperties) }),
    ...(fields !== undefined && {
      properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, closedSchema(field)])),
      additionalProperties: false,
    }),
  };
}
