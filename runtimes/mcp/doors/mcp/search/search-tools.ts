import type { ProblemError, Tool } from '@stoa/generated/schemas.ts';
import { listTools } from '../../../decide/call-tool.ts';
import type { KeyIn } from '../../../decide/chain.ts';
import type { Caller, Snapshot, ToolEntry } from '../../../model.ts';
import { lazyValidator } from '../../../snapshot/arguments/arguments.ts';
import { exposureOf, placeOf } from '../../../snapshot/visibility.ts';
import type { CallAnswer } from '../call-result.ts';
import { answerOf } from '../call-result.ts';
import { isObject } from '../json-rpc.ts';
import { toListed } from '../tool-list.ts';
import type { Listable } from '../tool-list.ts';
import type { ToolFinder } from './tool-finder.ts';

/** Who sees what, when he asks. */
export type Seeing = { readonly snapshot: Snapshot; readonly caller: Caller; readonly keyIn: KeyIn; readonly holdsExact: boolean };

type NamedCall = { readonly name: string; readonly args: Record<string, unknown> };

/** What becomes of a call by whom all tools are reached through three: it stands for another call, or is answered here. */
export type Exposed<Call> = { readonly call: Call } | { readonly answer: CallAnswer | Promise<CallAnswer> };

const usualCount = 8;
const maxCount = 25;
/** Of a description, what a model needs to choose. */
const shownOfDescription = 240;

const name = { type: 'string', minLength: 1, maxLength: 64, description: 'The name of a tool, as search_tools gives it.' };

function tool(definition: Omit<Tool, 'annotations'> & { reads: boolean }): Listable & { validate: ReturnType<typeof lazyValidator> } {
  const { reads, ...rest } = definition;
  const annotations = { readOnlyHint: reads, destructiveHint: !reads, idempotentHint: reads, openWorldHint: !reads };
  return { name: rest.name, definition: { ...rest, annotations }, validate: lazyValidator(rest.input_schema) };
}

const callTool = tool({
  name: 'call_tool',
  title: 'Call a tool',
  description: 'Calls a tool by its name. Its answer is that of the tool. Use describe_tool first to learn which arguments it takes.',
  input_schema: {
    type: 'object',
    properties: {
      name,
      arguments: { type: 'object', description: 'The arguments, by the input schema that describe_tool gives; none when absent.' },
    },
    required: ['name'],
    additionalProperties: false,
  },
  reads: false,
});
const describeTool = tool({
  name: 'describe_tool',
  title: 'Describe a tool',
  description: 'Gives the whole description of a tool: what it does, and the JSON Schemas of its arguments and of its answer.',
  input_schema: { type: 'object', properties: { name }, required: ['name'], additionalProperties: false },
  reads: true,
});
const searchTools = tool({
  name: 'search_tools',
  title: 'Search for tools',
  description:
    'Finds tools by what they are for. Say in a few words what is to be done and to what, such as "refund a charge". The best fit comes first. Most tools are reached only so: search before you say that something cannot be done.',
  input_schema: {
    type: 'object',
    properties: {
      query: { type: 'string', minLength: 1, maxLength: 1000, description: 'What is to be done.' },
      limit: { type: 'integer', minimum: 1, maximum: maxCount, description: `How many tools to give; ${usualCount} when absent.` },
    },
    required: ['query'],
    additionalProperties: false,
  },
  reads: true,
});
const exposed = [callTool, describeTool, searchTools];

/** Whether a consumer is to reach tools by searching. */
export const isSearching = (snapshot: Snapshot, { consumerId }: Caller): boolean => exposureOf(snapshot, consumerId) === 'search';

/** What a caller is listed: his tools, or the three by which he reaches them. */
export function listedTo({ snapshot, caller, keyIn }: Omit<Seeing, 'holdsExact'>): readonly Listable[] {
  return isSearching(snapshot, caller) ? exposed : listTools(snapshot, caller, keyIn);
}

type CallParams = Readonly<Record<string, unknown>>;

/** The parameters of the call that is meant: of `call_tool` those of the call that it stands for. Undefined for what is answered here. */
export function meantBy({ snapshot, caller, holdsExact }: Omit<Seeing, 'keyIn'>, params: CallParams): CallParams | undefined {
  const meant = exposed.find((each) => each.name === params['name']);
  if (meant === undefined || !isSearching(snapshot, caller)) return params;
  const { arguments: given, ...beside } = params;
  if (meant !== callTool || !isObject(given) || callTool.validate(given, holdsExact).length > 0) return undefined;
  return { ...beside, ...given };
}

/**
 * What a call means that may be one of the three; undefined where it is of some other tool. `call_tool` stands for a call of the tool that it names,
 * which is decided on as if it had come by itself; the others give away nothing that `tools/list` would not.
 */
export function exposedCall<Call extends NamedCall>(finder: ToolFinder, seeing: Seeing, call: Call): Exposed<Call> | undefined {
  const meant = exposed.find((each) => each.name === call.name);
  if (meant === undefined || !isSearching(seeing.snapshot, seeing.caller)) return undefined;
  const faults = meant.validate(call.args, seeing.holdsExact);
  if (faults.length > 0) return { answer: refused(call.name, faults) };
  if (meant === callTool) {
    const { name: toolName, arguments: args = {} } = call.args as { name: string; arguments?: Record<string, unknown> };
    return { call: { ...call, name: toolName, args } };
  }
  if (meant === describeTool) return { answer: describe(seeing, (call.args as { name: string }).name) };
  return { answer: search(finder, seeing, call.args as { query: string; limit?: unknown }) };
}

function describe(seeing: Seeing, toolName: string): CallAnswer {
  const found = seenBy(seeing)(toolName);
  if (found !== undefined) return structured(toListed(found, 'modern'));
  const text = `There is no tool of this name for you. Find the names of those that there are with search_tools.`;
  return { kind: 'result', result: { content: [{ type: 'text', text }], isError: true } };
}

async function search(finder: ToolFinder, seeing: Seeing, { query, limit = usualCount }: { query: string; limit?: unknown }): Promise<CallAnswer> {
  const sees = seenBy(seeing);
  const names = await finder.find(query, Number(limit), (each) => sees(each) !== undefined);
  const tools = names.flatMap((each) => sees(each) ?? []).map(summaryOf);
  const hint = tools.length === 0 ? { hint: 'Nothing fits these words. Try others, or fewer.' } : {};
  return structured({ tools, ...hint });
}

/** Finds a tool by its name among those that a list would show. */
export function seenBy({ snapshot, caller, keyIn }: Seeing): (toolName: string) => ToolEntry | undefined {
  const list = listTools(snapshot, caller, keyIn);
  return (toolName) => {
    const found = list[placeOf(list, toolName)];
    return found?.name === toolName ? found : undefined;
  };
}

/** What a model chooses by, and enough to call what takes few arguments. */
function summaryOf({ name: toolName, definition: { title, description = '', input_schema: schema } }: ToolEntry): Record<string, unknown> {
  const { properties = {}, required = [] } = schema as { properties?: Record<string, unknown>; required?: readonly string[] };
  const shown = description.length > shownOfDescription ? `${description.slice(0, shownOfDescription).toWellFormed()}…` : description;
  return {
    name: toolName,
    ...(title !== undefined && { title }),
    ...(shown !== '' && { description: shown }),
    required_arguments: required,
    optional_arguments: Object.keys(properties)
      .filter((each) => !required.includes(each))
      .slice(0, 20),
  };
}

/** As structure for programs, and as text, which is what most hosts show a model. */
function structured(value: object): CallAnswer {
  const json = JSON.stringify(value);
  return { kind: 'result', result: { content: [{ type: 'text', text: json }], structuredContent: json } };
}

function refused(toolName: string, errors: readonly ProblemError[]): CallAnswer {
  return answerOf(toolName, { kind: 'invalid_arguments', errors: [...errors] });
}
