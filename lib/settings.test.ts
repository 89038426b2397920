import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { EarlyExit } from './errors.ts';
import { ConfigurationError, defineSettings, setting } from './settings.ts';
import type { Address, Secret } from './settings.ts';

const program = { name: 'stoa-example', description: 'An example.', version: '1.2.3' };
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'stoa-settings-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

function faultsOf(action: () => unknown): readonly string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  throw new Error('Nothing was refused.');
}

const example = defineSettings(program, {
  gatewayKey: setting.secret({ describe: 'The key.' }),
  listen: setting.address({ default: '127.0.0.1:8082', describe: 'Where to listen.' }),
  databaseUrl: setting.secret({ env: 'DATABASE_URL', optional: true, describe: 'The database.' }),
  region: setting.string({ optional: true, describe: 'The region.' }),
});

describe('where values come from', () => {
  it('reads the environment and falls back to defaults', () => {
    const settings = example.load({ argv: [], env: { STOA_GATEWAY_KEY: 'k', PATH: '/bin' } });
    expectTypeOf(settings.gatewayKey).toEqualTypeOf<Secret>();
    expectTypeOf(settings.listen).toEqualTypeOf<Address>();
    expectTypeOf(settings.region).toEqualTypeOf<string | undefined>();
    expect(settings.gatewayKey.reveal()).toBe('k');
    expect(settings.listen).toEqual({ host: '127.0.0.1', port: 8082 });
    expect(settings.region).toBeUndefined();
    expect(Object.isFrozen(settings)).toBe(true);
  });

  it('reads a YAML file named by --config, over which the environment wins', () => {
    const path = file('a.yaml', 'gateway_key: from-file\nlisten: 0.0.0.0:1\nregion: file\n');
    const settings = example.load({ argv: ['--config', path], env: { STOA_REGION: 'env' } });
    expect(settings.gatewayKey.reveal()).toBe('from-file');
    expect(settings.listen).toEqual({ host: '0.0.0.0', port: 1 });
    expect(settings.region).toBe('env');
  });

  it('reads a JSON file named by STOA_CONFIG', () => {
    const path = file('a.json', '{"gateway_key": "from-json"}');
    expect(example.load({ argv: [], env: { STOA_CONFIG: path } }).gatewayKey.reveal()).toBe('from-json');
  });

  it('tells the contexts of stoactl from settings', () => {
    const path = file('contexts.yaml', 'contexts:\n  here: { server: http://127.0.0.1:8080 }\n');
    expect(() => example.load({ argv: [], env: { STOA_CONFIG: path } })).toThrow('STOACTL_CONFIG names for it alone');
  });

  it('uses a variable whose name the world has fixed', () => {
    const settings = example.load({ argv: [], env: { STOA_GATEWAY_KEY: 'k', DATABASE_URL: 'postgres://x' } });
    expect(settings.databaseUrl?.reveal()).toBe('postgres://x');
  });
});

describe('secrets', () => {
  it('are read from a file, trimmed, and can be read again after a rotation', async () => {
    const path = file('key', 'first\n');
    const { gatewayKey } = example.load({ argv: [], env: { STOA_GATEWAY_KEY_FILE: path } });
    expect(gatewayKey.reveal()).toBe('first');
    expect(await gatewayKey.reread()).toBe('unchanged');
    writeFileSync(path, 'second\n');
    expect(await gatewayKey.reread()).toBe('changed');
    expect(gatewayKey.reveal()).toBe('second');
    rmSync(path);
    expect(await gatewayKey.reread()).toBe('unreadable');
    expect(gatewayKey.reveal()).toBe('second');
  });

  it('do not show when printed', () => {
    const settings = example.load({ argv: [], env: { STOA_GATEWAY_KEY: 'hunter2' } });
    for (const text of [inspect(settings), JSON.stringify(settings), `${settings.gatewayKey}`]) expect(text).not.toContain('hunter2');
  });

  it('are refused when given in place and by file, and when the file is missing or empty', () => {
    const empty = file('empty', '\n');
    const load = (env: Record<string, string>) => faultsOf(() => example.load({ argv: [], env }));
    expect(load({ STOA_GATEWAY_KEY: 'k', STOA_GATEWAY_KEY_FILE: empty })[0]).toMatch(/both set: keep one/);
    expect(load({ STOA_GATEWAY_KEY_FILE: empty })[0]).toMatch(/STOA_GATEWAY_KEY_FILE names .*the file is empty/);
    expect(load({ STOA_GATEWAY_KEY_FILE: '/nowhere/key' })[0]).toMatch(/ENOENT/);
  });
});

describe('what is refused', () => {
  it('reports every fault at once, each with its name', () => {
    const faults = faultsOf(() => example.load({ argv: [], env: { STOA_LISTEN: 'here', STOA_REGION: '' } }));
    expect(faults).toHaveLength(3);
    expect(faults.join('\n')).toMatch(/STOA_GATEWAY_KEY is required.*STOA_GATEWAY_KEY_FILE/);
    expect(faults.join('\n')).toMatch(/STOA_LISTEN must be host:port/);
    expect(faults.join('\n')).toMatch(/STOA_REGION is empty/);
  });

  it('lesson 32: an unknown variable or file key stops the start and names what was probably meant', () => {
    const path = file('typo.yaml', 'gateway_key: k\nlisten_adress: x\nlisen: 127.0.0.1:1\n');
    const faults = faultsOf(() => example.load({ argv: ['--config', path], env: { STOA_REGON: 'eu', STOA_ZZZZZZZZZZ: '1' } }));
    expect(faults[0]).toMatch(/^STOA_REGON is not a setting.*did you mean STOA_REGION\?/);
    expect(faults[1]).toMatch(/^STOA_ZZZZZZZZZZ is not a setting of this program: remove the variable\.$/);
    expect(faults[3]).toMatch(/^lisen in .* did you mean listen\?/);
  });

  it('tolerates what Kubernetes injects for a Service, and only that', () => {
    const links = {
      STOA_CONTROL_PLANE_SERVICE_HOST: '10.0.0.1',
      STOA_CONTROL_PLANE_SERVICE_PORT: '8080',
      STOA_CONTROL_PLANE_SERVICE_PORT_HTTP: '8080',
      STOA_CONTROL_PLANE_PORT: 'tcp://10.0.0.1:8080',
      STOA_CONTROL_PLANE_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
      STOA_CONTROL_PLANE_PORT_8080_TCP_ADDR: '10.0.0.1',
      STOA_CONTROL_PLANE_PORT_8080_TCP_PORT: '8080',
      STOA_CONTROL_PLANE_PORT_8080_TCP_PROTO: 'tcp',
    };
    expect(() => example.load({ argv: [], env: { ...links, STOA_GATEWAY_KEY: 'k' } })).not.toThrow();
    expect(faultsOf(() => example.load({ argv: [], env: { STOA_GATEWAY_KEY: 'k', STOA_LISTEN_PORT: '8080' } }))[0]).toMatch(/^STOA_LISTEN_PORT/);
  });

  it('refuses unknown flags, a missing file and a file that is no map', () => {
    expect(faultsOf(() => example.load({ argv: ['--verbose'], env: {} }))[0]).toMatch(/'--verbose'.*stoa-example --help/);
    expect(faultsOf(() => example.load({ argv: ['--config', '/nowhere.yaml'], env: {} }))[0]).toMatch(/\/nowhere.yaml cannot be read/);
    expect(faultsOf(() => example.load({ argv: ['--config', file('l.yaml', '- a')], env: {} }))[0]).toMatch(/one map of settings/);
    const broken = file('b.yaml', 'gateway_key: "hunter2\n');
    const [fault] = faultsOf(() => example.load({ argv: ['--config', broken], env: {} }));
    expect(fault).toMatch(/neither YAML nor JSON/);
    expect(fault).not.toContain('hunter2');
  });
});

describe('help', () => {
  it('names every setting with its variable, default and description', () => {
    for (const part of ['STOA_GATEWAY_KEY, STOA_GATEWAY_KEY_FILE', 'default 127.0.0.1:8082', 'DATABASE_URL', 'The region.', '[file: gateway_key]']) {
      expect(example.usage()).toContain(part);
    }
  });

  it('ends the program early, whatever else is wrong', () => {
    expect(() => example.command({ argv: ['--help'], env: { STOA_WRONG: '1' } })).toThrow(EarlyExit);
    expect(() => example.command({ argv: ['--version'] })).toThrow(expect.objectContaining({ output: 'stoa-example 1.2.3' }));
  });
});

describe('types', () => {
  const typed = defineSettings(program, {
    url: setting.url({ optional: true, describe: 'x' }),
    address: setting.address({ optional: true, describe: 'x' }),
    port: setting.port({ optional: true, describe: 'x' }),
    count: setting.integer({ min: 1, max: 9, optional: true, describe: 'x' }),
    timeoutMs: setting.durationMs({ default: '5s', maxMs: 3_600_000, describe: 'x' }),
    enabled: setting.boolean({ default: false, describe: 'x' }),
    mode: setting.choice({ choices: ['a', 'b'], default: 'a', describe: 'x' }),
    directory: setting.path({ default: '.stoa', describe: 'x' }),
    labels: setting.labels({ default: {}, describe: 'x' }),
    names: setting.list({ default: [], describe: 'x' }),
    even: setting.integer({ optional: true, describe: 'x', check: (value) => (value % 2 === 0 ? undefined : 'must be even') }),
  });
  const load = (env: Record<string, string>) => typed.load({ argv: [], env });

  it('have defaults that go through the same parser', () => {
    const settings = load({});
    expectTypeOf(settings.mode).toEqualTypeOf<'a' | 'b'>();
    expectTypeOf(settings.timeoutMs).toEqualTypeOf<number>();
    expect(settings).toMatchObject({ timeoutMs: 5000, enabled: false, mode: 'a', directory: resolve('.stoa'), labels: {}, names: [] });
  });

  it('turn text into values', () => {
    expect(
      load({
        STOA_URL: 'https://a.example/base/',
        STOA_ADDRESS: '[::1]:80',
        STOA_PORT: '0',
        STOA_COUNT: '9',
        STOA_TIMEOUT_MS: '2m',
        STOA_ENABLED: '1',
        STOA_MODE: 'b',
        STOA_DIRECTORY: '/a/../b',
        STOA_LABELS: 'region=eu, tier=a=b',
        STOA_NAMES: 'x, y',
        STOA_EVEN: '4',
      }),
    ).toEqual({
      url: 'https://a.example/base',
      address: { host: '::1', port: 80 },
      port: 0,
      count: 9,
      timeoutMs: 120_000,
      enabled: true,
      mode: 'b',
      directory: '/b',
      labels: { region: 'eu', tier: 'a=b' },
      names: ['x', 'y'],
      even: 4,
    });
  });

  it.each([
    ['STOA_URL', 'ftp://a', 'begins with http:// or https://'],
    ['STOA_URL', 'http://u:p@a', 'must not carry'],
    ['STOA_ADDRESS', ':80', 'host:port'],
    ['STOA_ADDRESS', 'a:65536', 'host:port'],
    ['STOA_PORT', '65536', 'between 0 and 65535'],
    ['STOA_COUNT', '0', 'between 1 and 9'],
    ['STOA_COUNT', '1.5', 'whole number'],
    ['STOA_URL', 'https://a.example/?x=1', 'must not have a query'],
    ['STOA_URL', 'https://a.example/b#c?d', 'must not have a fragment'],
    ['STOA_URL', 'https://u:p@a.example/?x', 'must not carry a user name or password'],
    ['STOA_TIMEOUT_MS', '2h', 'between 0ms and 1h'],
    ['STOA_TIMEOUT_MS', 'soon', 'duration'],
    ['STOA_ENABLED', 'yes', 'true or false'],
    ['STOA_MODE', 'A', 'one of a, b'],
    ['STOA_LABELS', 'region', 'labels such as'],
    ['STOA_LABELS', 'a=1,a=2', 'twice'],
    ['STOA_NAMES', 'a,,b', 'none of them empty'],
    ['STOA_EVEN', '3', 'must be even'],
  ])('refuse %s=%s', (name, value, reason) => {
    expect(faultsOf(() => load({ [name]: value }))).toEqual([expect.stringContaining(reason)]);
  });

  it('take maps, lists, numbers and booleans of a file as they are', () => {
    const path = file('typed.yaml', 'labels: { region: eu, zone: 1 }\nnames: [a, 2]\nenabled: true\ncount: 3\n');
    expect(typed.load({ argv: ['--config', path], env: {} })).toMatchObject({
      labels: { region: 'eu', zone: '1' },
      names: ['a', '2'],
      enabled: true,
      count: 3,
    });
  });
});
