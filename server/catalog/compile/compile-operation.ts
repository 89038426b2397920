import type { ApiOperation, Loss, Tool, ToolAnnotations } from '@stoa/generated/schemas.ts';
import { argumentsSchema } from './arguments.ts';
import { bounded, stringMember } from './json.ts';
import type { JsonObject } from './json.ts';
import type { ListedOperation } from './list-operations.ts';
import type { OperationNames } from './names.ts';
import type { OperationContext } from './operation-context.ts';
import { parameterArguments } from './parameters.ts';
import { bodyArguments } from './request-body.ts';
import { resultSchema } from './result-schema.ts';
import type { SchemaChecker } from './schema-checker.ts';
import type { ToolSchemas } from './tool-schemas.ts';

const maxTitleCharacters = 256;
const maxDescriptionCharacters = 4096;
/** The bound of the contract on the arguments of one tool. */
const maxArguments = 512;

export type Compilation = { document: JsonObject; schemas: ToolSchemas; credentials: ReadonlySet<string>; faultOf: SchemaChecker; maxSchemaBytes: number };
export type CompiledOperation = { operation: ApiOperation | undefined; losses: Loss[] };

/** One operation as route and tool, or nothing but the reason why it can be none. */
export function compileOperation(listed: ListedOperation, names: OperationNames, compilation: Compilation): CompiledOperation {
  const losses: Loss[] = [];
  const lose = (what: string): void => void losses.push({ where: listed.where, what, dropped: false });
  const context: OperationContext = { ...compilation, ...listed, lose };
  const drop = (what: string): CompiledOperation => ({ operation: undefined, losses: [...losses, { where: listed.where, what, dropped: true }] });

  if (names.remark !== undefined) lose(names.remark);
  const parameters = parameterArguments(context);
  if (parameters.impossible !== undefined) return drop(parameters.impossible);
  const body = bodyArguments(context);
  if (body.impossible !== undefined) return drop(body.impossible);
  const all = [...parameters.arguments, ...body.arguments];
  if (all.length > maxArguments) return drop(`A tool has at most ${maxArguments} arguments; this one would have ${all.length}.`);

  const input = argumentsSchema(all);
  const inputSchema = complete(input.schema, input.references, 'input', context, compilation.maxSchemaBytes);
  if (inputSchema === undefined) return drop(`The schema of the arguments is larger than ${compilation.maxSchemaBytes} bytes.`);
  const inputFault = compilation.faultOf(inputSchema);
  if (inputFault !== undefined) return drop(`The schema of the arguments is invalid: ${inputFault}`);
  const outputSchema = completeResult(context, compilation);

  const title = stringMember(listed.value, 'summary');
  return {
    operation: {
      operation_id: names.operationId,
      method: listed.method as ApiOperation['method'],
      path: listed.path,
      tool: {
        name: names.toolName,
        ...(title === undefined ? {} : { title: bounded(title.trim(), maxTitleCharacters) }),
        description: descriptionOf(listed),
        // The contract says `object` of schemas, which generates as a record without members.
        input_schema: inputSchema as Tool['input_schema'],
        ...(outputSchema === undefined ? {} : { output_schema: outputSchema as NonNullable<Tool['output_schema']> }),
        annotations: annotationsOf(listed.method),
      },
      bindings: input.bindings,
    },
    losses,
  };
}

/** Adds the definitions that a schema refers to; undefined when the schema is too large even without them. */
function complete(schema: JsonObject, references: Iterable<string>, direction: 'input' | 'output', context: OperationContext, maxBytes: number): JsonObject | undefined {
  const ownBytes = JSON.stringify(schema).length;
  if (ownBytes > maxBytes) return undefined;
  const { definitions, abridged } = context.schemas.definitions(references, direction, maxBytes - ownBytes);
  if (abridged > 0) {
    const what = direction === 'input' ? 'arguments' : 'result';
    context.lose(`The schema of the ${what} is larger than ${maxBytes} bytes: ${abridged} of its definitions, the farthest ones, accept any value.`);
  }
  return Object.keys(definitions).length === 0 ? schema : { ...schema, $defs: definitions };
}

function completeResult(context: OperationContext, { maxSchemaBytes, faultOf }: Compilation): JsonObject | undefined {
  const result = resultSchema(context);
  if (result === undefined) return undefined;
  const schema = complete(result.schema, result.references, 'output', context, maxSchemaBytes);
  const fault = schema === undefined ? `it is larger than ${maxSchemaBytes} bytes` : faultOf(schema);
  if (fault === undefined) return schema;
  context.lose(`The tool declares no output schema: ${fault}.`);
  return undefined;
}

function descriptionOf(listed: ListedOperation): string {
  const text = stringMember(listed.value, 'description') ?? stringMember(listed.value, 'summary') ?? listed.where;
  return bounded(`${listed.value['deprecated'] === true ? 'Deprecated. ' : ''}${text.trim()}`, maxDescriptionCharacters);
}

/** RFC 9110 §9.2: safe methods only read; PUT and DELETE are idempotent and overwrite; POST promises nothing; PATCH (RFC 5789) overwrites. */
function annotationsOf(method: string): ToolAnnotations {
  const isSafe = ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method);
  return {
    readOnlyHint: isSafe,
    destructiveHint: ['PUT', 'DELETE', 'PATCH'].includes(method),
    idempotentHint: isSafe || method === 'PUT' || method === 'DELETE',
    openWorldHint: true,
  };
}
