import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { ConfigurationError, EarlyExit } from './errors.ts';
import { nearestName } from './nearest-name.ts';
import { Secret } from './secret.ts';
import type { Setting } from './setting.ts';

export { ConfigurationError, ExpectedError } from './errors.ts';
export { runMain } from './run-main.ts';
export { Secret } from './secret.ts';
export { setting } from './setting.ts';
export type { Address } from './setting.ts';

export type Program = { readonly name: string; readonly description: string; readonly version: string };
export type SettingsTable = Readonly<Record<string, Setting<unknown>>>;
export type SettingsOf<T extends SettingsTable> = {
  readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : never;
};
type Sources = { argv?: readonly string[]; env?: Readonly<Record<string, string | undefined>> };
type Row = { key: string; env: string; fileKey: string; setting: Setting<unknown> };
type Configuration = { path: string; values: Readonly<Record<string, unknown>> };

/**
 * Declares the settings of a program. `load()` reads `--config FILE` (or `STOA_CONFIG`) and the environment, which wins,
 * and answers a frozen object. It throws `ConfigurationError` with every fault at once, and `EarlyExit` for `--help` and
 * `--version`; `runMain` knows both. The key `gatewayKey` is `STOA_GATEWAY_KEY` in the environment, `gateway_key` in the file.
 */
export function defineSettings<const T extends SettingsTable>(
  program: Program,
  table: T,
): { load(sources?: Sources): SettingsOf<T>; usage(): string } {
  const rows = Object.entries(table).map(([key, entry]): Row => {
    const fileKey = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return { key, env: entry.env ?? `STOA_${fileKey.toUpperCase()}`, fileKey, setting: entry };
  });
  const usage = () => usageText(program, rows);
  return {
    usage,
    load({ argv = process.argv.slice(2), env = process.env } = {}) {
      const flags = readFlags(program, argv);
      if (flags.help) throw new EarlyExit(usage());
      if (flags.version) throw new EarlyExit(`${program.name} ${program.version}`);
      const file = readConfiguration(flags.config ?? env['STOA_CONFIG']);
      const faults = [...unknownVariables(rows, env), ...unknownFileKeys(rows, file)];
      const values: Record<string, unknown> = {};
      for (const row of rows) {
        const result = readSetting(row, env, file);
        if ('fault' in result) faults.push(result.fault);
        else values[row.key] = result.value;
      }
      if (faults.length > 0) throw new ConfigurationError(faults);
      // Every key of the table was read by the loop above, each through the parser of its own type.
      return Object.freeze(values) as SettingsOf<T>;
    },
  };
}

function readFlags(program: Program, argv: readonly string[]): { help: boolean; version: boolean; config: string | undefined } {
  try {
    const { values } = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: false,
      options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' }, config: { type: 'string' } },
    });
    return { help: values.help ?? false, version: values.version ?? false, config: values.config };
  } catch (error) {
    const [sentence] = (error as Error).message.split('. ');
    throw new ConfigurationError([`${sentence}. Run ${program.name} --help for what it takes.`]);
  }
}

/** Loaded for a file only: the parser costs each program 13 MB of resident memory, and most are configured by their environment. */
function parseYaml(text: string): unknown {
  const { parse } = createRequire(import.meta.url)('yaml') as { parse(source: string): unknown };
  return parse(text);
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
    values = parseYaml(content) ?? {};
  } catch (error) {
    // Only the first line: the parser's message goes on to quote the file, which may hold a secret.
    throw refuse(`is neither YAML nor JSON: ${(error as Error).message.split('\n')[0]?.replace(/:$/, '')}`);
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values)) throw refuse('must hold one map of settings');
  return { path, values: values as Record<string, unknown> };
}

/** Lesson 32: a setting that nobody reads must stop the start, or its author believes that it is in force. */
function unknownVariables(rows: readonly Row[], env: Readonly<Record<string, string | undefined>>): string[] {
  const known = ['STOA_CONFIG', ...rows.flatMap(({ env: name, setting }) => (setting.secret ? [name, `${name}_FILE`] : [name]))];
  return Object.entries(env)
    .filter(([name, value]) => name.startsWith('STOA_') && !known.includes(name) && !isServiceLink(name, value ?? ''))
    .map(([name]) => `${name} is not a setting of this program${suggestion(name, known, 'remove the variable')}.`);
}

function unknownFileKeys(rows: readonly Row[], file: Configuration | undefined): string[] {
  if (file === undefined) return [];
  const known = rows.flatMap(({ fileKey, setting }) => (setting.secret ? [fileKey, `${fileKey}_file`] : [fileKey]));
  return Object.keys(file.values)
    .filter((key) => !known.includes(key))
    .map((key) => `${key} in ${file.path} is not a setting of this program${suggestion(key, known, 'remove the key')}.`);
}

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
    const raw = isServiceLink(name, String(values[name] ?? '')) ? undefined : (values[name] ?? undefined);
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

function usageText(program: Program, rows: readonly Row[]): string {
  const blocks = rows.map(({ env, fileKey, setting }) => {
    const names = setting.secret ? `${env}, ${env}_FILE` : env;
    const presence = setting.required ? 'required' : setting.fallback === undefined ? 'optional' : `default ${show(setting.fallback)}`;
    return `  ${names}  <${setting.kind}>  ${presence}\n      ${setting.describe}  [file: ${fileKey}]`;
  });
  return [
    `Usage: ${program.name} [--config FILE]`,
    '',
    program.description,
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

function show(fallback: unknown): string {
  if (Array.isArray(fallback)) return fallback.length === 0 ? 'none' : fallback.join(',');
  if (typeof fallback !== 'object' || fallback === null) return String(fallback);
  return (
    Object.entries(fallback)
      .map(([key, value]) => `${key}=${value}`)
      .join(',') || 'none'
  );
}
