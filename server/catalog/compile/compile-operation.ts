import type { ApiOperation, Loss, ToolAnnotations } from '@stoa/generated/schemas.ts';
import { enforcedSchema, onePatternTooMany } from '@stoa/lib/enforced-schema.ts';
import { acceptOf } from './accept.ts';
import { argumentsSchema } from './arguments.ts';
import type { Direction } from './schema-types.ts';
import { bounded, stringMember } from './json.ts';
import type { JsonObject } from './json.ts';
import type { ListedOperation } from './list-operations.ts';
import type { OperationNames } from './names.ts';
import type { OperationContext } from './operation-context.ts';
import { settleMcpHeaders } from './mcp-headers.ts';
import { parameterArguments } from './parameters.ts';
import { bodyArguments } from './request-body.ts';
import { resultSchema } from './result-schema.ts';
import { securityOf } from './security.ts';
import type { ToolSchemas } from './tool-schemas.ts';
import { prose, pruned, trimmed, withoutUnevaluated } from './trim.ts';

const maxTitleCharacters = 256;
const maxDescriptionCharacters = 4096;
/** The bound of the contract on the arguments of one tool. */
const maxArguments = 512;

export type Compilation = { document: JsonObject; schemas: ToolSchemas; credentials: ReadonlySet<string>; maxSchemaBytes: number };
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
  const inputSchema = complete(input, 'input', context, compilation.maxSchemaBytes);
  if ('fault' in inputSchema) return drop(`The schema of the arguments cannot be used: ${inputSchema.fault}`);
  const result = resultSchema(context);
  const outputSchema = result === undefined ? undefined : complete(result, 'output', context, compilation.maxSchemaBytes);
  if (outputSchema !== undefined && 'fault' in outputSchema) lose(`The tool declares no output schema: ${outputSchema.fault}`);

  settleMcpHeaders(inputSchema.schema, lose);
  const title = stringMember(listed.value, 'summary');
  const accept = acceptOf(context);
  const security = securityOf(compilation.document, listed.value);
  return {
    operation: {
      operation_id: names.operationId,
      method: listed.method as ApiOperation['method'],
      path: listed.path,
      ...(listed.query === undefined ? {} : { query: listed.query }),
      ...(listed.server === undefined ? {} : { server: listed.server }),
      ...(accept === undefined ? {} : { accept }),
      ...(security === undefined ? {} : { security }),
      tool: {
        name: names.toolName,
        ...(title === undefined ? {} : { title: bounded(title.trim(), maxTitleCharacters) }),
        description: descriptionOf(listed),
        input_schema: inputSchema.schema,
        ...(outputSchema !== undefined && 'schema' in outputSchema ? { output_schema: outputSchema.schema } : {}),
        annotations: annotationsOf(listed.method),
      },
      bindings: input.bindings,
    },
    losses,
  };
}

/**
 * Adds the definitions that a schema refers to, or says why the schema cannot be used. What is larger than `maxBytes` first loses
 * examples and long descriptions, then all of them, and only then structure.
 */
function complete(
  { schema, references }: { schema: JsonObject; references: Set<string> },
  direction: Direction,
  { schemas, lose }: OperationContext,
  maxBytes: number,
): { schema: JsonObject } | { fault: string } {
  const what = `The schema of the ${direction === 'input' ? 'arguments' : 'result'} is larger than ${maxBytes} bytes`;
  for (const level of prose) {
    const own = trimmed(schema, level) as JsonObject;
    const ownBytes = JSON.stringify(own).length;
    const { definitions, abridged, isFull, fault } = schemas.definitions(references, direction, level, maxBytes - ownBytes);
    const isTooLarge = ownBytes > maxBytes;
    if ((isTooLarge || isFull) && level !== prose.at(-1)) continue;
    const root = isTooLarge ? pruned(own, maxBytes) : own;
    const found = schemas.faultOf(root, references) ?? fault;
    if (found !== undefined) return { fault: found };
    if (level !== 'all')
      lose(`${what}: ${level === 'short' ? 'examples are left out and long descriptions cut' : 'descriptions and examples are left out'}.`);
    if (isTooLarge) lose(`${what}: its deepest parts accept any value.`);
    if (abridged > 0) lose(`${what} or has too many definitions: ${abridged} of them, the farthest ones, accept any value.`);
    const whole = Object.keys(definitions).length === 0 ? root : { ...root, $defs: definitions };
    if (direction === 'input') loseUncountedPatterns(whole, lose);
    return { schema: abridged > 0 ? withoutUnevaluated(whole) : whole };
  }
  return { fault: 'it is too large.' };
}

/** Patterns that no engine of ours can match were reported where they were converted; these are only too many together. */
function loseUncountedPatterns(schema: JsonObject, lose: (what: string) => void): void {
  const many = enforcedSchema(schema).unenforced.filter(({ why }) => why === onePatternTooMany);
  if (many.length === 0) return;
  const first = many[0]?.pattern.slice(0, 200) ?? '';
  lose(`The patterns of the arguments are too large together: ${many.length} of them, from ${first} on, are shown and not enforced.`);
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
