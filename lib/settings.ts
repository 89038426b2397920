import { readFileSync } from 'node:fs';
import { yaml } from './yaml.ts';
import { parseArgs } from 'node:util';
import { ConfigurationError, EarlyExit } from './errors.ts';
import { nearestName } from './nearest-name.ts';
import { Secret } from './secret.ts';
import { commandsOf, settingsSchema, show, usageText } from './settings-usage.ts';
import type { CommandOption, Invocation, Program, Row } from './settings-usage.ts';
import type { SettingSchema } from './setting-schemas.ts';
import type { Setting } from './setting.ts';

export { ConfigurationError, ExpectedError } from './errors.ts';
export { runMain } from './run-main.ts';
export { Secret } from './secret.ts';
export { setting } from './setting.ts';
export type { Address } from './setting.ts';

export type SettingsTable = Readonly<Record<string, Setting<unknown>>>;
export type SettingsOf<T extends SettingsTable> = {
  readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : never;
};
export type Sources = { argv?: readonly string[]; env?: Readonly<Record<string, string | undefined>> };
/** What was found of one setting: a value that may be shown, or a fault as a sentence. */
export type SettingVerdict = { readonly name: string; readonly value: string } | { readonly fault: string };
export type SettingsDefinition<T> = {
  readonly program: Program;
  /** What the program is asked to do, `run` without a word. Throws `ConfigurationError` for an unknown word or flag, and `EarlyExit` for `--help` and `--version`. */
  command(sources?: Sources): Invocation;
  /** The settings, frozen. Throws `ConfigurationError` with every fault at once. */
  load(sources?: Sources): T;
  /** As `load`, but tells of each setting how it stands. Throws for a file that cannot be read. */
  judge(sources?: Sources): { readonly verdicts: readonly SettingVerdict[]; readonly settings: T | undefined };
  usage(): string;
  /** The JSON Schema of the configuration file. */
  schema(): SettingSchema;
};
type Configuration = { path: string; values: Readonly<Record<string, unknown>> };

/**
 * Declares the settings of a program, which come from `--config FILE` (or `STOA_CONFIG`) and from the environment, which wins. The key
 * `gatewayKey` is `STOA_GATEWAY_KEY` in the environment, `gateway_key` in the file. `rules` judge several settings together: each answers a
 * sentence for each fault.
 */
export function defineSettings<const T extends SettingsTable>(
  program: Program,
  table: T,
  ...rules: readonly ((settings: SettingsOf<T>) => string | undefined)[]
): SettingsDefinition<SettingsOf<T>> {
  const rows = Object.entries(table).map(([key, entry]): Row => {
    const fileKey = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return { key, env: entry.env ?? `STOA_${fileKey.toUpperCase()}`, fileKey, setting: entry };
  });
  const usage = () => usageText(program, rows);
  const judge = ({ argv = process.argv.slice(2), env = process.env }: Sources = {}) => {
    const file = readConfiguration(readFlags(program, argv).config ?? env['STOA_CONFIG']);
    const unknown = [...unknownVariables(rows, env), ...unknownFileKeys(rows, file)];
    const verdicts: SettingVerdict[] = unknown.map((fault) => ({ fault }));
    const isWell = (): boolean => !verdicts.some((verdict) => 'fault' in verdict);
    const values: Record<string, unknown> = {};
    for (const row of rows) {
      const result = readSetting(row, env, file);
      if ('value' in result) values[row.key] = result.value;
      verdicts.push('fault' in result ? { fault: result.fault } : { name: row.env, value: row.setting.show?.(result.value) ?? shown(result.value) });
    }
    // Every key of the table was read by the loop above, each through the parser of its own type.
    const settings = Object.freeze(values) as SettingsOf<T>;
    if (isWell()) verdicts.push(...rules.flatMap((rule) => rule(settings) ?? []).map((fault): SettingVerdict => ({ fault })));
    return { verdicts, settings: isWell() ? settings : undefined };
  };
  return {
    program,
    usage,
    judge,
    schema: () => settingsSchema(program, rows),
    command({ argv = process.argv.slice(2) } = {}) {
      const flags = readFlags(program, argv);
      if (flags.help) throw new EarlyExit(usage());
      if (flags.version) throw new EarlyExit(`${program.name} ${program.version}`);
      return { command: flags.command, options: flags.options, config: flags.config };
    },
    load(sources) {
      const { verdicts, settings } = judge(sources);
      if (settings === undefined) throw new ConfigurationError(verdicts.flatMap((verdict) => ('fault' in verdict ? [verdict.fault] : [])));
      return settings;
    },
  };
}

function shown(value: unknown): string {
  if (value === undefined) return 'not set';
  if (typeof value !== 'object' || value === null || value instanceof Secret) return String(value);
  if ('host' in value && 'port' in value) return `${String(value.host)}:${String(value.port)}`;
  return show(value);
}

function readFlags(program: Program, argv: readonly string[]): Invocation & { help: boolean; version: boolean } {
  const refuse = (sentence: string) => new ConfigurationError([`${sentence}. Run ${program.name} --help for what it takes.`]);
  const commands = commandsOf(program);
  const parsed = parseFlags(argv, Object.fromEntries(Object.values(commands).flatMap(({ options = {} }) => Object.entries(options))), refuse);
  const [command = 'run', ...more] = parsed.positionals;
  if (!Object.hasOwn(commands, command)) throw refuse(`Unknown command '${command}'`);
  if (more.length > 0) throw refuse(`Unexpected argument '${more[0]}'`);
  const { help, version, config, ...options } = parsed.values;
  for (const option of Object.keys(options))
    if (!Object.hasOwn(commands[command]?.options ?? {}, option)) throw refuse(`${command} takes no --${option}`);
  return { help: help === true, version: version === true, config: typeof config === 'string' ? config : undefined, command, options };
}

type Flags = { values: Record<string, string | boolean | (string | boolean)[]>; positionals: string[] };

function parseFlags(
  argv: readonly string[],
  options: Readonly<Record<string, CommandOption>>,
  refuse: (sentence: string) => ConfigurationError,
): Flags {
  const own = Object.entries(options).map(
    ([name, { value, repeated = false }]) => [name, { type: value === undefined ? 'boolean' : 'string', multiple: repeated }] as const,
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' }, config: { type: 'string' }, ...Object.fromEntries(own) },
    });
    return { values, positionals };
  } catch (error) {
    throw refuse((error as Error).message.split('. ')[0] ?? '');
  }
}

function readConfiguration(path: string | undefined): Configuration | undefined {
  if (path === undefined) return undefined;
  const refuse = (reason: string) => new ConfigurationError([`The configuration file ${path} ${reason}.`]);
  if (path === '') throw refuse('has no name: give --config or STOA_CONFIG a path');
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    throw refuse(`cannot be read (${(error as NodeJS.ErrnoException).code}): correct --config or STOA_CONFIG`);
  }
  let values: unknown;
  try {
    values = yaml().parse(content) ?? {};
  } catch (error) {
    // Only the first line: the parser's message goes on to quote the file, which may hold a secret.
    throw refuse(`is neither YAML nor JSON: ${(error as Error).message.split('\n')[0]?.replace(/:$/, '')}`);
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values)) throw refuse('must hold one map of settings');
  if ('contexts' in values)
    throw refuse('holds contexts of stoactl, which STOACTL_CONFIG names for it alone: give --config or STOA_CONFIG a file of settings');
  return { path, values: values as Record<string, unknown> };
}

/**
 * What OpenTelemetry's own programs read about sending, of which a program that sends reads some. Other names of theirs are for agents and for other languages, and may stand in any
 * environment.
 */
const telemetryNames = /^OTEL_(?:EXPORTER_OTLP|TRACES|METRICS?|LOGS|BSP|BLRP|SPAN|SDK)_/;

/** Lesson 32: a setting that nobody reads must stop the start, or its author believes that it is in force. */
function unknownVariables(rows: readonly Row[], env: Readonly<Record<string, string | undefined>>): string[] {
  const known = ['STOA_CONFIG', ...rows.flatMap(({ env: name, setting }) => (setting.secret ? [name, `${name}_FILE`] : [name]))];
  const isOurs = (name: string): boolean =>
    name.startsWith('STOA_') || (known.some((each) => telemetryNames.test(each)) && telemetryNames.test(name));
  return Object.entries(env)
    .filter(([name, value]) => isOurs(name) && !known.includes(name) && !isServiceLink(name, value ?? ''))
    .map(([name]) => `${name} is not a setting of this program${suggestion(name, known, 'remove the variable')}.`);
}

function unknownFileKeys(rows: readonly Row[], file: Configuration | undefined): string[] {
  if (file === undefined) return [];
  const spellings = rows.flatMap(({ env, fileKey, setting }) => {
    const own = { key: fileKey, env };
    return setting.secret ? [own, { key: `${fileKey}_file`, env: `${env}_FILE` }] : [own];
  });
  const known = spellings.map(({ key }) => key);
  return Object.keys(file.values)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const meant = spellings.find(({ key: right, env }) => [letters(right), letters(env)].includes(letters(key)));
      if (meant !== undefined) return `${key} in ${file.path} is not how a file spells that setting: write ${meant.key}.`;
      return `${key} in ${file.path} is not a setting of this program${suggestion(key, known, 'remove the key')}.`;
    });
}

/** What is the same in STOA_LISTEN, stoa-listen, Listen and listen. */
const letters = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/^stoa/, '');

function suggestion(name: string, known: readonly string[], otherwise: string): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? `: ${otherwise}` : `: did you mean ${nearest}? If not, ${otherwise}`;
}

/**
 * Kubernetes adds these variables to every pod for each Service of its namespace, and a Service may be called stoa-something
 * (kubernetes.io, "Services: environment variables"). The values are checked too, so that a mistyped setting does not pass.
 */
function isServiceLink(name: string, value: string): boolean {
  if (/_PORT_\d+_(TCP|UDP|SCTP)_(PROTO|PORT|ADDR)$/.test(name)) return true;
  if (/_SERVICE_HOST$/.test(name)) return /^[0-9a-fA-F.:]+$/.test(value);
  if (/_SERVICE_PORT(_[A-Z0-9_]+)?$/.test(name)) return /^\d+$/.test(value);
  if (/_PORT(_\d+_(TCP|UDP|SCTP))?$/.test(name)) return /^(tcp|udp|sctp):\/\//.test(value);
  return false;
}

function readSetting(
  row: Row,
  env: Readonly<Record<string, string | undefined>>,
  file: Configuration | undefined,
): { value: unknown } | { fault: string } {
  const sources = [
    { name: row.env, fileName: `${row.env}_FILE`, values: env },
    { name: row.fileKey, fileName: `${row.fileKey}_file`, values: file?.values ?? {} },
  ];
  for (const [index, { name, fileName, values }] of sources.entries()) {
    const place = index === 0 ? '' : ` in ${file?.path}`;
    // What the world has named it writes in lower case, too.
    const found = values[name] ?? (name.startsWith('STOA_') ? undefined : values[name.toLowerCase()]);
    const given = found === '' && row.setting.blankIsAbsent && index === 0 ? undefined : found;
    const empty = given === null ? name : row.setting.secret && values[fileName] === null ? fileName : undefined;
    if (empty !== undefined) return { fault: `${empty}${place} is empty: give it a value, or remove it.` };
    const raw = isServiceLink(name, String(given ?? '')) ? undefined : given;
    const path = row.setting.secret ? (values[fileName] ?? undefined) : undefined;
    if (raw !== undefined && path !== undefined) return { fault: `${name} and ${fileName}${place} are both set: keep one of them.` };
    if (path !== undefined) return readSecretFile(row, `${fileName}${place}`, path);
    if (raw !== undefined) return sentence(`${name}${place}`, row.setting.parse(raw));
  }
  if (row.setting.fallback !== undefined) return sentence(`The default of ${row.env}`, row.setting.parse(row.setting.fallback));
  if (!row.setting.required) return { value: undefined };
  const ways = [row.setting.secret ? `${row.env} or ${row.env}_FILE` : row.env, `or ${row.fileKey} in the configuration file`];
  return { fault: `${row.env} is required (${row.setting.describe.replace(/\.$/, '')}): set ${ways.join(', ')}.` };
}

function sentence(name: string, parsed: ReturnType<Setting<unknown>['parse']>): { value: unknown } | { fault: string } {
  return 'fault' in parsed ? { fault: `${name} ${parsed.fault}.` } : parsed;
}

function readSecretFile(row: Row, name: string, path: unknown): { value: unknown } | { fault: string } {
  if (typeof path !== 'string' || path === '') return { fault: `${name} must be the path of a file.` };
  try {
    const secret = Secret.fromFile(path);
    const parsed = row.setting.parse(secret.reveal());
    return 'fault' in parsed ? { fault: `The content of ${path}, named by ${name}, ${parsed.fault}.` } : { value: secret };
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    return { fault: `${name} names ${path}, which cannot be used (${reason}): correct the path or the file.` };
  }
}
