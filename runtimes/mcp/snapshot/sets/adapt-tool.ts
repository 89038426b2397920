import type { ProblemError, ToolSetItemTool } from '@stoa/generated/schemas.ts';
import { adaptedSchema, isTaken } from '@stoa/lib/adapted-tool.ts';
import type { AdaptedSchema, SchemaChange } from '@stoa/lib/adapted-tool.ts';
import { parseExactJson } from '@stoa/lib/exact-json.ts';
import { membersOf, withMembers } from '@stoa/lib/json-members.ts';
import type { Adaptation, ApiEntry, ToolEntry } from '../../model.ts';

/** A tool of a set, or why there is none; and what has no effect. */
export type AdaptedTool = { readonly tool: ToolEntry | undefined; readonly faults: readonly string[]; readonly notes: readonly string[] };

/** What stands behind a tool of a set, in the API or MCP server that it is of. */
export function baseOf(api: ApiEntry | undefined, { operation, tool: ownName }: ToolSetItemTool): ToolEntry | undefined {
  if (ownName !== undefined) return api?.tools.find(({ remote }) => remote?.ownName === ownName);
  // An operationId counts more than the name of a tool.
  return api?.tools.find((tool) => tool.operation.operationId === operation) ?? api?.tools.find(({ name }) => name === operation);
}

/**
 * A tool under the name that it has in a set, and with its words. It is a view of the tool: its operation is the same, so that whatever is decided on, limited and
 * metered there is here as well.
 */
export function adaptTool(base: ToolEntry, said: ToolSetItemTool): AdaptedTool {
  const changes: SchemaChange = {
    ...(said.arguments !== undefined && { arguments: said.arguments }),
    ...(said.examples !== undefined && { examples: said.examples }),
  };
  const members = base.remote === undefined ? undefined : membersOf(base.remote.text);
  const own = members === undefined ? base.definition.input_schema : objectIn(members.get('inputSchema'));
  const adapted = adaptedSchema(own, changes);
  const { faults, notes } = adapted;
  if (faults.length > 0) return { tool: undefined, faults, notes };
  const name = said.name ?? base.name;
  const definition = {
    ...base.definition,
    name,
    ...(said.title !== undefined && { title: said.title }),
    ...(said.description !== undefined && { description: said.description }),
    input_schema: adapted.schema as ToolEntry['definition']['input_schema'],
  };
  const { remote } = base;
  const tool: ToolEntry = {
    name,
    definition,
    operation: base.operation,
    ...(remote !== undefined && { remote: { ...remote, name, text: textOf(remote.text, name, said, adapted) } }),
    adaptation: adaptationOf(base, changes.arguments ?? {}),
    validate: (args, holdsExact) => base.validate(args, holdsExact),
    get validateResult() {
      return base.validateResult;
    },
    buildRequest: (args) => base.buildRequest(args),
  };
  return { tool, faults, notes };
}

function objectIn(text: string | undefined): Record<string, unknown> {
  const value: unknown = text === undefined ? undefined : parseExactJson(text).value;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : { type: 'object' };
}

/** Only what is otherwise is written anew. */
function textOf(text: string, name: string, { title, description, arguments: args, examples }: ToolSetItemTool, { schema }: AdaptedSchema): string {
  return withMembers(text, {
    name: JSON.stringify(name),
    ...(title !== undefined && { title: JSON.stringify(title) }),
    ...(description !== undefined && { description: JSON.stringify(description) }),
    ...((args !== undefined || examples !== undefined) && { inputSchema: JSON.stringify(schema) }),
  });
}

const unusable: ProblemError = { pointer: '', message: 'what the tool set fixes for this tool is not valid any more: tell whoever runs the gateway' };

function adaptationOf(base: ToolEntry, changes: NonNullable<SchemaChange['arguments']>): Adaptation {
  const taken = Object.keys(changes).filter((name) => isTaken(changes[name]));
  const fixed = taken.flatMap((name) => ('value' in (changes[name] ?? {}) ? [[name, changes[name]?.value] as const] : []));
  const concerns = ({ pointer }: ProblemError): boolean =>
    taken.some((name) => pointer === pointerOf(name) || pointer.startsWith(`${pointerOf(name)}/`));
  return {
    base,
    faultsOf: (args) =>
      taken.filter((name) => Object.hasOwn(args, name)).map((name) => ({ pointer: pointerOf(name), message: 'is no argument of this tool' })),
    fill: (args) => (fixed.length === 0 ? args : { ...args, ...Object.fromEntries(fixed) }),
    // Of what callers cannot give they are told nothing.
    withoutTaken: (faults) => (faults.some(concerns) ? [...faults.filter((fault) => !concerns(fault)), unusable] : faults),
  };
}

const pointerOf = (name: string): string => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
