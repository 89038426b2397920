import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, it } from 'vitest';
import { settings as connect } from '@stoa/connect/config.ts';
import { settings as gateway } from '@stoa/gateway/config.ts';
import { settings as link } from '@stoa/link/config.ts';
import { settings as controlPlane } from '@stoa/server/config.ts';

const dir = mkdtempSync(join(tmpdir(), 'stoa-settings-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const runtime = { control_plane_url: 'https://stoa.example', gateway_key: 'k' };
const programs = [
  { settings: controlPlane, needed: {} },
  { settings: gateway, needed: runtime },
  { settings: link, needed: { ...runtime, target_gateway_type: 'kong' } },
  { settings: connect, needed: runtime },
].map(({ settings, needed }) => ({ name: settings.program.name, settings, needed }));

/** What might stand in a file, right for some settings and wrong for others. */
const samples: unknown[] = [
  ...['', ' ', 'x', 'true', '1', '-1', '30s', '5 m', 'region=eu', 'a=1,b=', 'a, b', 'a,,b', '127.0.0.1:80', ' [::1]:8080 ', ':80', 'host'],
  ...['http://a.example', 'https://a.example/base/', 'https://a.example/?q', 'http://u:p@a.example', 'ftp://a', 'HTTP://a.example', 'http://a b'],
  ...['postgres://u:p@db:5432/stoa', 'postgresql://', 'info', 'kong', 'Name-1', '.hidden', 'X-Token', 'a b', 'UPPER', '10.0.0.0/8'],
  ...[Buffer.alloc(32, 7).toString('base64'), 0, 1, 2, -1, 1.5, 8080, 70_000, 10_000_000_000, true, false, null],
  ...[[], ['a'], ['https://a.example'], [''], [1], [[]], {}, { region: 'eu' }, { region: 1, tier: '' }, { '': 'x' }, { a: {} }],
];

function faultsOf({ settings, needed }: (typeof programs)[number], values: Record<string, unknown>): string[] {
  const file = join(dir, 'settings.json');
  const others = Object.entries(needed).filter(([key]) => !(`${key}_file` in values));
  writeFileSync(file, JSON.stringify({ ...Object.fromEntries(others), ...values }));
  return settings.judge({ argv: ['--config', file], env: {} }).verdicts.flatMap((verdict) => ('fault' in verdict ? [verdict.fault] : []));
}

describe.each(programs)('the JSON Schema of the settings of $name', (program) => {
  const schema = program.settings.schema() as { properties: Record<string, unknown> };
  const isValid = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);
  // Whether a file is there, and whether text means what its setting is about, only the program knows.
  const beyondASchema =
    /cannot be used|between|at (least|most)|without a path|must not have a path|twice|base64|must hold (origins|CIDR|addresses|entries|roles|the scope)|must be an https URL|must be a URL|which holds no certificate/;

  it.each(Object.keys(schema.properties))('takes for %s what the program takes, and refuses what it refuses', (key) => {
    for (const value of samples) {
      const faults = faultsOf(program, { [key]: value }).filter((fault) => fault.startsWith(key) || fault.includes(`named by ${key}`));
      const verdict = { key, value, taken: isValid({ [key]: value }) };
      if (faults.length === 0) expect(verdict).toEqual({ key, value, taken: true });
      else if (!beyondASchema.test(faults.join())) expect({ ...verdict, faults }).toEqual({ key, value, taken: false, faults });
    }
  });

  it('refuses an unknown key, and a secret that is given twice', () => {
    expect(isValid({ lisen: '127.0.0.1:1' })).toBe(false);
    const [secret] = Object.keys(schema.properties).filter((key) => `${key}_file` in schema.properties);
    expect(isValid({ [String(secret)]: 'a'.repeat(40), [`${secret}_file`]: '/x' })).toBe(false);
  });

  it('holds the defaults, which it takes itself', () => {
    const defaults = Object.entries(schema.properties).flatMap(([key, property]) => {
      const { default: value } = property as { default?: unknown };
      return value === undefined ? [] : [[key, value] as const];
    });
    expect(defaults.length).toBeGreaterThan(3);
    isValid(Object.fromEntries(defaults));
    expect(isValid.errors).toBeNull();
  });

  it.each(['STOA_LISTEN', 'stoa_listen', 'Listen', 'STOA-LISTEN'])('calls %s by its right name', (key) => {
    expect(faultsOf(program, { [key]: '127.0.0.1:1' })).toEqual([expect.stringMatching(/ write listen\.$/)]);
  });

  it('calls a setting of several words by its right name', () => {
    for (const key of ['STOA_LOG_LEVEL', 'log-level', 'logLevel']) {
      expect(faultsOf(program, { [key]: 'info' })).toEqual([expect.stringMatching(/ write log_level\.$/)]);
    }
  });
});

it('the Control Plane is not served below a path, where the Console would find nothing', () => {
  const load = (url: string) => controlPlane.load({ argv: [], env: { STOA_PUBLIC_URL: url } });
  expect(() => load('https://apis.example/stoa')).toThrow(/STOA_PUBLIC_URL must not have a path/);
  for (const url of ['https://apis.example/?x=1', 'https://apis.example?x=1#y?', 'https://apis.example/stoa?x'])
    expect(() => load(url)).toThrow(/STOA_PUBLIC_URL must not have a (query|fragment): remove/);
  expect(() => load('https://apis.example/?x=1')).not.toThrow(/path/);
  expect(load('https://stoa.example/').publicUrl).toBe('https://stoa.example');
});
