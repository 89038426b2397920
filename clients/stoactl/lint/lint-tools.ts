import type { ApiOperation, Tool } from '@stoa/generated/schemas.ts';

/** What a model would stumble over. An `error` makes a tool useless or dangerous, a `warning` makes it worse than it could be. */
export type LintFinding = {
  readonly level: 'error' | 'warning';
  readonly rule: 'name' | 'description' | 'parameters' | 'examples' | 'size' | 'budget' | 'hidden-instructions' | 'document';
  /** The tool, by its name without the API's; absent of what is about all of them. */
  readonly tool?: string;
  readonly message: string;
};

export type LintReport = { readonly tools: number; readonly tokens: number; readonly findings: readonly LintFinding[] };

const bounds = { name: 48, shortDescription: 20, longDescription: 1024, toolTokens: 1000, named: 5 };
const saysLittle = new Set(['get', 'list', 'post', 'put', 'patch', 'delete', 'create', 'update', 'find', 'search', 'run', 'execute', 'call', 'do']);

/**
 * Looks at tools as a model sees them.
 * @param api the name with which the tools' names begin
 * @param warnings what the server says of the document
 */
export function lintTools(
  { api, operations, warnings }: { api: string; operations: readonly Pick<ApiOperation, 'tool'>[]; warnings: readonly string[] },
  tokensIn: (text: string) => number,
  budget?: number,
): LintReport {
  const each = operations.map(({ tool }) => ({ tool, tokens: tokensIn(listed(tool)) }));
  const tokens = each.reduce((sum, one) => sum + one.tokens, 0);
  const overBudget: LintFinding[] =
    budget !== undefined && tokens > budget
      ? [{ level: 'warning', rule: 'budget', message: `All tools take ${tokens} tokens, and the budget is ${budget}.` }]
      : [];
  const findings = [
    ...overBudget,
    ...warnings.map((warning) => ofDocument(warning.replaceAll(`${api}_`, ''))),
    ...each.flatMap((one) => lintTool(one.tool, one.tokens, `${api}_`)),
  ];
  return { tools: operations.length, tokens, findings };
}

function ofDocument(message: string): LintFinding {
  const isHidden = /^(?:The (?:description|input schema|output schema) of the tool |So do \d+ more texts)/.test(message);
  return { level: isHidden ? 'error' : 'warning', rule: isHidden ? 'hidden-instructions' : 'document', message };
}

type Property = Readonly<Record<string, unknown>>;

function lintTool(tool: Tool, tokens: number, prefix: string): LintFinding[] {
  const { name } = tool;
  const description = told(tool.description);
  // What stands before it is the API's name, which a document that is only looked at has not.
  const own = name.startsWith(prefix) ? name.slice(prefix.length) : name;
  const warn = (rule: LintFinding['rule'], message: string): LintFinding => ({ level: 'warning', rule, tool: own, message });
  const { properties = {} } = tool.input_schema as { properties?: Readonly<Record<string, Property | boolean>> };
  const parameters = Object.entries(properties).map(([key, value]) => ({ key, schema: typeof value === 'object' ? value : {} }));
  const undescribed = parameters.filter(({ schema }) => typeof schema['description'] !== 'string').map(({ key }) => key);
  const hasExample = 'examples' in tool.input_schema || parameters.some(({ schema }) => showsValues.some((keyword) => keyword in schema));
  return [
    ...(own.length > bounds.name ? [warn('name', `Its name has ${own.length} characters: ${bounds.name} are read well.`)] : []),
    ...(saysLittle.has(own.toLowerCase()) ? [warn('name', `Its name says what is done and not to what: ${own}.`)] : []),
    ...(description === '' ? [{ level: 'error', rule: 'description', tool: own, message: 'It has no description.' } as const] : []),
    ...(description !== '' && description.length < bounds.shortDescription
      ? [warn('description', `Its description has ${description.length} characters: say what it does, and when to use it.`)]
      : []),
    ...(description.length > bounds.longDescription ? [warn('description', `Its description has ${description.length} characters.`)] : []),
    ...(undescribed.length > 0 ? [warn('parameters', `Without a description: ${someOf(undescribed)}.`)] : []),
    ...(parameters.length > 0 && !hasExample ? [warn('examples', 'None of its arguments shows what it may be: give one an example.')] : []),
    ...(tokens > bounds.toolTokens ? [warn('size', `It takes ${tokens} tokens of each conversation.`)] : []),
  ];
}

/** Where a document says nothing of an operation, its place stands there. */
const told = (description = ''): string => (/^[A-Z]{3,7} \/\S*$/.test(description) ? '' : description);

const showsValues: readonly string[] = ['examples', 'example', 'enum', 'const', 'default'];

function someOf(names: readonly string[]): string {
  const more = names.length - bounds.named;
  return more > 0 ? `${names.slice(0, bounds.named).join(', ')} and ${more} more` : names.join(', ');
}

/** As `tools/list` has it. */
function listed({ name, title, description, input_schema: inputSchema, output_schema: outputSchema, annotations }: Tool): string {
  return JSON.stringify({ name, title, description, inputSchema, outputSchema, annotations });
}
