import { join } from 'node:path';
import { httpSettings } from '@stoa/lib/http-server.ts';
import { tlsFault } from '@stoa/lib/server-tls.ts';
import { commonSettings } from '@stoa/lib/log.ts';
import { upstreamSettings } from '@stoa/lib/outgoing-settings.ts';
import { defineSettings, setting } from '@stoa/lib/settings.ts';
import type { SettingsOf } from '@stoa/lib/settings.ts';
import { externalIssuerFault, externalIssuerSettings } from './identity/external/settings.ts';
import { version } from '@stoa/lib/version.ts';

const postgresUrl = { pattern: /^postgres(?:ql)?:\/\/\S*$/, says: 'must be a URL such as postgresql://user:password@host:5432/database' };

const table = {
  ...commonSettings,
  ...upstreamSettings,
  listen: setting.address({ default: '127.0.0.1:8080', describe: 'Address to serve the API and the Console on.' }),
  ...httpSettings,
  publicUrl: setting.url({
    optional: true,
    describe: 'URL under which browsers and runtimes reach this server, without a path; used in links. From the listen address when absent.',
    check: (value) =>
      new URL(value).pathname === '/'
        ? undefined
        : 'must not have a path: the Console is served at the root of a host, so give it a host name of its own',
  }),
  databaseUrl: setting.secret({
    optional: true,
    env: 'DATABASE_URL',
    matches: postgresUrl,
    check: (value) => (URL.canParse(value) ? undefined : postgresUrl.says),
    describe: 'PostgreSQL to use. An embedded one in the data directory when absent.',
  }),
  databaseConnections: setting.integer({ default: 10, min: 2, max: 200, describe: 'Connections to PostgreSQL at most.' }),
  dataDir: setting.path({
    default: join('.stoa', 'control-plane'),
    describe: 'Directory of the embedded PostgreSQL, the master key and the first administrator token.',
  }),
  masterKey: setting.secret({
    optional: true,
    check: (value) =>
      Buffer.from(value, 'base64').length === 32 ? undefined : 'must be the base64 of 32 bytes: make one with `openssl rand -base64 32`',
    describe: 'Base64 of 32 random bytes that every credential is derived from. Required with DATABASE_URL; made in the data directory otherwise.',
  }),
  heartbeatIntervalS: setting.integer({
    default: 30,
    min: 5,
    max: 600,
    unit: 's',
    describe: 'Shortest heartbeat interval that instances are told, in seconds.',
  }),
  heartbeatsPerSecond: setting.integer({
    default: 3000,
    min: 1,
    max: 100_000,
    unit: '/s',
    describe: 'Heartbeats a second to aim at: a larger fleet is told a longer interval.',
  }),
  metricsToken: setting.secret({
    optional: true,
    matches: { pattern: /^[A-Za-z0-9._~+/-]{16,}=*$/, says: 'must be 16 or more letters, digits and ._~+/-: make one with `openssl rand -hex 32`' },
    describe: 'Bearer token for GET /metrics on STOA_LISTEN. Without it nobody gets them there.',
  }),
  metricsListen: setting.address({ optional: true, describe: 'Address of its own to serve /metrics on, without a token: restrict it by network.' }),
  ...externalIssuerSettings,
  secureCookies: setting.boolean({
    default: false,
    describe: 'Mark session cookies Secure also where neither STOA_PUBLIC_URL nor a certificate of this program says that browsers come over HTTPS.',
  }),
};

export const settings = defineSettings(
  {
    name: 'stoa-control-plane',
    description: 'Serves the management API, the registration protocol and the Console.',
    version,
    commands: {
      'recover-owner': 'print a link that signs one browser in as an owner, for an hour; needs the database and the master key, and no server',
    },
  },
  table,
  tlsFault,
  externalIssuerFault,
  ({ databaseUrl, masterKey }) =>
    databaseUrl !== undefined && masterKey === undefined
      ? 'With DATABASE_URL, STOA_MASTER_KEY (or STOA_MASTER_KEY_FILE) is required: make one with `openssl rand -base64 32`.'
      : undefined,
);
export type Settings = SettingsOf<typeof table>;
