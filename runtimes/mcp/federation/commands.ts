/** What a Link starts as an MCP server: never through a shell, and with no more of its own environment than is named. */
export type McpCommand = {
  readonly command: string;
  readonly args: readonly string[] /** Names of variables that are passed on. */;
  readonly env: readonly string[];
};
export type McpCommands = ReadonlyMap<string, McpCommand>;

export const noCommands: McpCommands = new Map();

const name = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const variable = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
/** What is ours, and nobody's to pass on. */
const own = /^STOA_/;
const members = ['command', 'args', 'env'];
const maxArgs = 64;

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string' && !each.includes('\0'));
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Why a text is no table of commands, as the end of a sentence; undefined when it is one. */
export function commandsFault(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'must be a JSON object, such as {"tickets":{"command":"/usr/bin/tickets-mcp","args":["--stdio"],"env":["TICKETS_TOKEN"]}}';
  }
  if (!isRecord(value)) return 'must be a JSON object of commands by their names';
  for (const [key, entry] of Object.entries(value)) {
    if (!name.test(key)) return `must hold names of 1 to 63 lower-case letters, digits or "-", which ${JSON.stringify(key)} is not`;
    const fault = entryFault(entry);
    if (fault !== undefined) return `has the command ${key}, ${fault}`;
  }
  return undefined;
}

function entryFault(entry: unknown): string | undefined {
  if (!isRecord(entry)) return 'which must be an object with command, args and env';
  const unknown = Object.keys(entry).find((member) => !members.includes(member));
  if (unknown !== undefined) return `which has the member ${JSON.stringify(unknown)}: there are command, args and env`;
  const { command, args = [], env = [] } = entry;
  if (typeof command !== 'string' || command === '' || command.includes('\0')) return 'whose command must be the path or name of a program';
  if (!isTexts(args) || args.length > maxArgs) return `whose args must be a list of at most ${maxArgs} texts`;
  if (!isTexts(env) || !env.every((each) => variable.test(each))) return 'whose env must be a list of names of variables, without their values';
  const ours = env.find((each) => own.test(each));
  return ours === undefined ? undefined : `whose env names ${ours}, which is a setting of this program`;
}

/** The table in a text without a fault. */
export function commandsIn(text: string | undefined): McpCommands {
  if (text === undefined) return noCommands;
  const value = JSON.parse(text) as Record<string, Partial<McpCommand> & Pick<McpCommand, 'command'>>;
  return new Map(Object.entries(value).map(([key, { command, args = [], env = [] }]) => [key, { command, args, env }]));
}

/** What every program may need, and holds no secret. */
const always = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'TZ'];

/** The environment of a command. */
export function environmentOf({ env }: McpCommand, from: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const named = [...always, ...env].flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]]));
  return Object.fromEntries(named) as Record<string, string>;
}
