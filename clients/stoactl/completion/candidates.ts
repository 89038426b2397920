import type { Argument, Command, Option } from 'commander';

/** What may stand next, with a few words on it. */
export type Completion = { readonly value: string; readonly meaning?: string };
/** What is asked for: an argument by its name, or the value of an option by the option and by what stands in its brackets; and what was typed before it. */
export type AskedWord = {
  readonly name: string;
  readonly option?: string | undefined;
  readonly command: Command;
  readonly operands: readonly string[];
  readonly context: string | undefined;
};
export type Values = (asked: AskedWord) => Promise<readonly Completion[] | 'files'>;

/**
 * What may stand in the place of the last word, by the tree of commands: commands, options and their choices. What the tree cannot know, such as the names of
 * things, `values` is asked for. `files` leaves it to the shell.
 */
export async function candidatesFor(root: Command, given: readonly string[], values: Values): Promise<readonly Completion[] | 'files'> {
  // `help` explains what follows it.
  const words = given[0] === 'help' && given.length > 1 ? given.slice(1) : given;
  const typed = words.at(-1) ?? '';
  const { command, operands, context, open } = read(root, words.slice(0, -1));
  const ask = async ({ choices, ...of }: Wanted) =>
    choices === undefined ? values({ ...of, command, operands, context }) : choices.map((value) => ({ value }));
  const beginning = (found: readonly Completion[] | 'files', prefix = '') =>
    found === 'files'
      ? found
      : found.map(({ value, ...more }) => ({ value: `${prefix}${value}`, ...more })).filter(({ value }) => value.startsWith(typed));

  if (open !== undefined) return beginning(await ask(valueOf(open)));
  const equals = typed.indexOf('=');
  const named = typed.startsWith('--') && equals > 0 ? optionOf(command, typed.slice(0, equals)) : undefined;
  if (named !== undefined) return beginning(await ask(valueOf(named)), typed.slice(0, equals + 1));
  if (typed.startsWith('-')) return beginning(optionsOf(command).flatMap(spelt));
  const commands = operands.length === 0 ? visible(command) : [];
  if (commands.length > 0) return beginning(commands.map((each) => ({ value: each.name(), meaning: each.description() })));
  const argument = argumentAt(command, operands.length);
  return argument === undefined ? [] : beginning(await ask({ name: argument.name(), choices: argument.argChoices }));
}

type Wanted = { name: string; option?: string | undefined; choices: readonly string[] | undefined };
type Read = { command: Command; operands: string[]; context: string | undefined; open: Option | undefined };

/** What the words so far come to: which command, its operands, and an option that waits for its value. */
function read(root: Command, words: readonly string[]): Read {
  const found: Read = { command: root, operands: [], context: undefined, open: undefined };
  let areOperands = false;
  for (const word of words) {
    if (found.open !== undefined) {
      if (found.open.long === '--context') found.context = word;
      found.open = undefined;
    } else if (word === '--') areOperands = true;
    else if (!areOperands && word.startsWith('-') && word !== '-') {
      const [flag = '', given] = word.split('=', 2);
      const option = optionOf(found.command, flag);
      if (option?.long === '--context') found.context = given;
      if (option !== undefined && (option.required || option.optional) && given === undefined) found.open = option;
    } else {
      const inner = found.operands.length === 0 ? found.command.commands.find((each) => each.name() === word) : undefined;
      if (inner === undefined) found.operands.push(word);
      else found.command = inner;
    }
  }
  return found;
}

/** Those of the commands above hold as well. */
const optionsOf = (command: Command): Option[] => [
  ...command.createHelp().visibleOptions(command),
  ...(command.parent === null ? [] : optionsOf(command.parent).filter(({ long }) => long !== '--version' && long !== '--help')),
];
const optionOf = (command: Command, flag: string): Option | undefined =>
  optionsOf(command).find(({ long, short }) => long === flag || short === flag);
const spelt = ({ long, short, description }: Option): Completion[] =>
  [long, short].flatMap((value) => (value === undefined || value === null ? [] : [{ value, meaning: description }]));
const visible = (command: Command): readonly Command[] => command.createHelp().visibleCommands(command);

const valueOf = ({ flags, long, argChoices }: Option): Wanted => ({
  name: /[<[]([^>\].]+)/.exec(flags)?.[1] ?? '',
  option: long ?? flags,
  choices: argChoices,
});

function argumentAt(command: Command, index: number): Argument | undefined {
  const { registeredArguments: all } = command;
  const last = all.at(-1);
  return all[index] ?? (last?.variadic === true ? last : undefined);
}
