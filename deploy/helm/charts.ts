import { settings as connect } from '@stoa/connect/config.ts';
import { settings as gateway } from '@stoa/gateway/config.ts';
import type { SettingSchema } from '@stoa/lib/setting-schemas.ts';
import { settings as link } from '@stoa/link/config.ts';
import { settings as controlPlane } from '@stoa/server/config.ts';

export type Chart = {
  readonly name: 'stoa-control-plane' | 'stoa-gateway' | 'stoa-link' | 'stoa-connect';
  /** The JSON Schema of its program's settings. */
  readonly settings: () => SettingSchema;
  /** Settings that the chart sets by itself, besides those of every chart. */
  readonly managed: readonly string[];
  readonly has: readonly ('replicas' | 'routes' | 'persistence' | 'mode')[];
};

/** Set by every chart, since they say where things lie in its pods. */
const managed = ['listen', 'tls_cert_file', 'tls_key_file', 'ca_file'];
const ofRuntimes = [...managed, 'state_dir', 'instance_name'];

/** The charts of programs. `stoa` has all of them, and `stoa-common` is what they share. */
export const charts: readonly Chart[] = [
  { name: 'stoa-control-plane', settings: controlPlane.schema, managed: [...managed, 'data_dir', 'metrics_listen'], has: ['replicas', 'routes'] },
  { name: 'stoa-gateway', settings: gateway.schema, managed: ofRuntimes, has: ['replicas', 'routes'] },
  { name: 'stoa-link', settings: link.schema, managed: ofRuntimes, has: ['replicas', 'routes', 'mode'] },
  { name: 'stoa-connect', settings: connect.schema, managed: ofRuntimes, has: ['persistence'] },
];

type Property = SettingSchema & { readonly description?: string; readonly writeOnly?: boolean };

const propertiesOf = (chart: Chart): [string, Property][] => Object.entries(chart.settings()['properties'] as Record<string, Property>);

/** What a chart takes below `config`: the settings of its program, in the words of its file, that are no secrets. */
export function configProperties(chart: Chart): Record<string, Property> {
  const secrets = propertiesOf(chart).flatMap(([key, { writeOnly }]) => (writeOnly === true ? [key, `${key}_file`] : []));
  const taken = propertiesOf(chart).filter(([key]) => !secrets.includes(key) && !chart.managed.includes(key));
  return Object.fromEntries(taken.map(([key, property]) => [key, withPatternsOfGo(property) as Property]));
}

/** What it takes below `secrets`: the names in the environment of settings that are secrets. */
export const secretNames = (chart: Chart): string[] => environmentNames(chart, ({ writeOnly }) => writeOnly === true);

/** The names in the environment of all settings, those of files that hold secrets included. */
export function settingNames(chart: Chart): string[] {
  const secrets = secretNames(chart);
  return ['STOA_CONFIG', ...environmentNames(chart, () => true), ...secrets.map((name) => `${name}_FILE`)];
}

const environmentNames = (chart: Chart, isWanted: (property: Property) => boolean): string[] =>
  propertiesOf(chart).flatMap(([, property]) => (isWanted(property) ? (/Environment: (\w+)\./.exec(property.description ?? '')?.[1] ?? []) : []));

/** Helm reads patterns as Go does, which looks neither ahead nor behind: such a pattern is left to the program itself, which refuses at its start. */
function withPatternsOfGo(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withPatternsOfGo);
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(schema).filter(([key, value]) => !(key === 'pattern' && typeof value === 'string' && /\(\?[=!<]/.test(value)));
  return Object.fromEntries(kept.map(([key, value]) => [key, withPatternsOfGo(value)]));
}
