import type { Command } from 'commander';
import { CommandError } from './exit-codes.ts';
import type { RefusedInput } from './exit-codes.ts';

/** Members of requests whose options have other names. */
const named: Readonly<Record<string, string>> = {
  '/body/public_path/prefix': 'public-path',
  '/body/public_path/host': 'public-host',
  '/body/public_path/strip': 'keep-path',
  '/body/targets/environments': 'environment',
  '/body/targets/modes': 'mode',
  '/body/targets/instance_names': 'instance',
  '/body/targets/labels': 'label',
  '/body/targets': 'environment',
  '/query/group_by': 'by',
};

/**
 * What a server says of the values of a command's options and arguments, told by their names as wrong usage: whoever typed them knows no body of a request. Undefined where one of
 * the faults is in none of them.
 */
export function asUsage(error: RefusedInput, command: Command): CommandError | undefined {
  const lines = error.faults.map(({ pointer, message }) => {
    const given = givenAs(pointer, command);
    return given === undefined ? undefined : `${given} ${message}`;
  });
  if (lines.length === 0 || lines.includes(undefined)) return undefined;
  return new CommandError('usage', [...new Set(lines)].join('\n'), { cause: error });
}

/** The option or argument whose value stands at a place of the request, and what of it is meant. */
function givenAs(pointer: string, command: Command): string | undefined {
  const place = Object.keys(named).find((each) => pointer === each || pointer.startsWith(`${each}/`)) ?? pointer.split('/').slice(0, 3).join('/');
  const [, where, member = ''] = place.split('/');
  if (where !== 'body' && where !== 'query' && where !== 'path') return undefined;
  const word = member.replaceAll('_', '-');
  const words = named[place] === undefined ? [word, word.replace(/s$/, '')] : [named[place]];
  const option = command.options.find(({ long }) => words.some((each) => long === `--${each}`))?.long;
  const argument = command.registeredArguments.find((each) => words.includes(each.name()));
  const given = option ?? (argument && `<${argument.name()}>`);
  const within = pointer.slice(place.length + 1).replace(/^\d+$/, '');
  return given && `${given}:${within === '' ? '' : ` ${within.replaceAll('/', '.')}`}`;
}
