import type { SettingSchema } from './setting-schemas.ts';
import type { Setting } from './setting.ts';

/** An option of a command: `value` names what it takes, and is absent for one that is given or not. One that is `repeated` is a list. */
export type CommandOption = { readonly value?: string; readonly describe: string; readonly repeated?: true };
export type ProgramCommand = { readonly describe: string; readonly options?: Readonly<Record<string, CommandOption>> };
export type Program = {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  /** What this program can be asked to do besides what every program can. */
  readonly commands?: Readonly<Record<string, ProgramCommand>>;
};
/** A command, the options that were given with it, and the file of `--config`. */
export type Invocation = {
  readonly command: string;
  readonly options: Readonly<Record<string, string | boolean | (string | boolean)[]>>;
  readonly config: string | undefined;
};
/** A setting and its names. */
export type Row = { readonly key: string; readonly env: string; readonly fileKey: string; readonly setting: Setting<unknown> };

const everyProgram: Readonly<Record<string, ProgramCommand>> = {
  run: { describe: 'run the program; also without a word' },
  check: { describe: 'judge each setting and reach each peer; start nothing and write nothing. 0 when all is well, 1 when something is not' },
  'settings-schema': { describe: 'print the JSON Schema of the configuration file' },
};

export const commandsOf = ({ commands = {} }: Program): Readonly<Record<string, ProgramCommand>> => ({ ...everyProgram, ...commands });

/** Draft 7, which editors of YAML know best. Nothing is required in a file: what is missing there may come from the environment. */
export function settingsSchema({ name }: Program, rows: readonly Row[]): SettingSchema {
  const properties = rows.flatMap(({ env, fileKey, setting }) => {
    const { fallback, secret, required, schema } = setting;
    const need = required ? ' Required, here or in the environment.' : '';
    const own = { description: `${setting.describe} Environment: ${env}.${need}`, ...(fallback !== undefined && { default: fallback }), ...schema };
    const file = { description: `Path of a file that holds ${fileKey}. Environment: ${env}_FILE.`, type: 'string', minLength: 1 };
    return [[fileKey, own], ...(secret ? [[`${fileKey}_file`, file]] : [])];
  });
  // Given in place and by a file, a secret would be two.
  const twice = rows.filter(({ setting }) => setting.secret).map(({ fileKey }) => [fileKey, { properties: { [`${fileKey}_file`]: false } }]);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: `Settings of ${name}`,
    type: 'object',
    properties: Object.fromEntries(properties) as SettingSchema,
    additionalProperties: false,
    ...(twice.length > 0 && { dependencies: Object.fromEntries(twice) as SettingSchema }),
  };
}

/** What `--help` prints. */
export function usageText(program: Program, rows: readonly Row[]): string {
  const blocks = rows.map(({ env, fileKey, setting }) => {
    const names = setting.secret ? `${env}, ${env}_FILE` : env;
    const presence = setting.required ? 'required' : setting.fallback === undefined ? 'optional' : `default ${show(setting.fallback)}`;
    return `  ${names}  <${setting.kind}>  ${presence}\n      ${setting.describe}  [file: ${fileKey}]`;
  });
  return [
    `Usage: ${program.name} [${Object.keys(commandsOf(program)).slice(1).join(' | ')}] [--config FILE]`,
    '',
    program.description,
    '',
    'Commands:',
    ...Object.entries(commandsOf(program)).flatMap(commandLines),
    '',
    'Exit codes: 0 all is well; 1 it could not start, or check found something; 2 settings or arguments cannot be obeyed; 70 a defect.',
    '',
    'Options:',
    '  --config FILE  YAML or JSON file of settings (or STOA_CONFIG); the environment wins over it',
    '  --help         show this text',
    '  --version      show the version',
    '',
    'Settings, by environment variable and by key of the file:',
    ...blocks,
  ].join('\n');
}

function commandLines([name, { describe, options = {} }]: [string, ProgramCommand]): string[] {
  const given = Object.entries(options).map(([option, { value, describe: what }]) => [
    value === undefined ? `--${option}` : `--${option} ${value}`,
    what,
  ]);
  const [first, ...more] = describe.split('\n');
  return [
    `  ${name.padEnd(18)} ${first}`,
    ...more.map((line) => `  ${''.padEnd(18)} ${line}`),
    ...given.map(([option = '', what]) => `    ${option.padEnd(24)} ${what}`),
  ];
}

/** A default as it would be written in the environment. */
export function show(fallback: unknown): string {
  if (Array.isArray(fallback)) return fallback.length === 0 ? 'none' : fallback.join(',');
  if (typeof fallback !== 'object' || fallback === null) return String(fallback);
  return (
    Object.entries(fallback)
      .map(([key, value]) => `${key}=${value}`)
      .join(',') || 'none'
  );
}
