import { join } from 'node:path';
import { httpSettings } from '@stoa/lib/http-server.ts';
import { tlsFault } from '@stoa/lib/server-tls.ts';
import { commonSettings } from '@stoa/lib/log.ts';
import { upstreamSettings } from '@stoa/lib/outgoing-settings.ts';
import { telemetryFault, telemetrySettings } from '@stoa/lib/telemetry/settings.ts';
import { defineSettings, setting } from '@stoa/lib/settings.ts';
import type { SettingsOf } from '@stoa/lib/settings.ts';
import { externalIssuerFault, externalIssuerSettings } from './identity/external/settings.ts';
import { ruleFault } from '@stoa/lib/upstream-guard.ts';
import { version } from '@stoa/lib/version.ts';
import { masterKeyIsMissing } from './access/master-key.ts';

const postgresUrl = { pattern: /^postgres(?:ql)?:\/\/\S*$/, says: 'must be a URL such as postgresql://user:password@host:5432/database' };

const databaseUrlForm = {
  optional: true,
  matches: postgresUrl,
  check: (value: string) => (URL.canParse(value) ? undefined : postgresUrl.says),
} as const;

const table = {
  ...commonSettings,
  ...upstreamSettings,
  ...telemetrySettings,
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
    ...databaseUrlForm,
    env: 'DATABASE_URL',
    describe: 'PostgreSQL to use, by the role that serves tenants and owns nothing. An embedded one in the data directory when absent.',
  }),
  databaseUnscopedUrl: setting.secret({
    ...databaseUrlForm,
    describe: 'The same database by the second role, for what belongs to no one tenant: credentials, heartbeats, housekeeping.',
  }),
  databaseOwnerUrl: setting.secret({
    ...databaseUrlForm,
    describe: 'The same database by the role that owns the tables, which migrates them at the start.',
  }),
  singleRole: setting.boolean({
    default: false,
    describe: 'Use one role of the database for all, as before: row-level security does not hold it then.',
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
    describe:
      'Base64 of 32 random bytes that wraps the keys which secrets are sealed with. With DATABASE_URL it or STOA_KMS_COMMAND is required; made in the data directory otherwise.',
  }),
  kmsCommand: setting.path({
    optional: true,
    describe:
      'Program that wraps and unwraps those keys by a KMS, in place of the master key: gets `wrap` or `unwrap`, reads and writes a line of base64.',
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
  auditFile: setting.path({
    optional: true,
    describe: 'File that every record of the audit is added to, as JSON Lines. With replicas, one of them writes: put it where all of them reach it.',
  }),
  auditSinkUrl: setting.url({ optional: true, describe: 'Server that every record of the audit is sent to, by POST as JSON Lines, at least once.' }),
  auditSinkToken: setting.secret({
    optional: true,
    matches: { pattern: /^[A-Za-z0-9._~+/-]+=*$/, says: 'must be letters, digits and ._~+/-, as a bearer token is' },
    describe: 'Bearer token for STOA_AUDIT_SINK_URL.',
  }),
  auditRetentionDays: setting.integer({
    optional: true,
    min: 1,
    max: 36_500,
    unit: 'd',
    describe: 'Days that records of the audit are kept; those that a sink does not have yet are kept longer. For good when absent.',
  }),
  usageRetentionDays: setting.integer({
    optional: true,
    min: 1,
    max: 36_500,
    unit: 'd',
    describe: 'Days that sums of metered calls, refused ones included, are kept. For good when absent.',
  }),
  metricsToken: setting.secret({
    optional: true,
    matches: { pattern: /^[A-Za-z0-9._~+/-]{16,}=*$/, says: 'must be 16 or more letters, digits and ._~+/-: make one with `openssl rand -hex 32`' },
    describe: 'Bearer token for GET /metrics on STOA_LISTEN. Without it nobody gets them there.',
  }),
  metricsListen: setting.address({ optional: true, describe: 'Address of its own to serve /metrics on, without a token: restrict it by network.' }),
  clientDocumentAllow: setting.list({
    default: [],
    check: ruleFault,
    describe:
      'Where metadata documents of clients may lie besides the public internet: CIDR blocks, addresses and host globs of loopback and private networks. ' +
      'They are fetched for whoever asks, so that by default no such address is asked.',
  }),
  ...externalIssuerSettings,
  secureCookies: setting.boolean({
    default: false,
    describe: 'Mark session cookies Secure also where neither STOA_PUBLIC_URL nor a certificate of this program says that browsers come over HTTPS.',
  }),
};

/** Whoever upgrades from a release with one role decides it knowingly. */
function rolesFault(given: {
  databaseUrl?: unknown;
  databaseUnscopedUrl?: unknown;
  databaseOwnerUrl?: unknown;
  singleRole: boolean;
}): string | undefined {
  const others = [given.databaseUnscopedUrl, given.databaseOwnerUrl].filter((url) => url !== undefined).length;
  if (given.databaseUrl === undefined)
    return others > 0 ? 'STOA_DATABASE_UNSCOPED_URL and STOA_DATABASE_OWNER_URL go with DATABASE_URL: give it too.' : undefined;
  if (given.singleRole)
    return others > 0
      ? 'STOA_SINGLE_ROLE=true goes with DATABASE_URL alone: leave it out, or STOA_DATABASE_UNSCOPED_URL and STOA_DATABASE_OWNER_URL.'
      : undefined;
  return others === 2
    ? undefined
    : 'With DATABASE_URL, STOA_DATABASE_UNSCOPED_URL and STOA_DATABASE_OWNER_URL are required: docs/guides/operate.md shows how the three roles are made. STOA_SINGLE_ROLE=true goes on with one role for all, as releases before this one did; row-level security does not hold it.';
}

const commands = {
  'recover-owner': {
    describe: 'print a link that signs one browser in as an owner, for an hour; needs the database and the master key, and no server',
  },
  'rotate-master-key': {
    describe:
      'exchange the master key, or the KMS, while servers run. First with the new one: then both are good.\nWith --finish, once every server has the new one: then it alone is',
    options: {
      'new-key-file': { value: 'FILE', describe: 'file with the base64 of the new master key' },
      'new-kms-command': { value: 'PROGRAM', describe: 'in place of a master key, as STOA_KMS_COMMAND' },
      finish: { describe: 'take away what was in force before' },
      abandon: { describe: 'give the exchange up: what was in force stays so' },
    },
  },
  'rotate-data-keys': {
    describe: 'seal all secrets at rest anew, with new data keys, while servers run',
    options: { tenant: { value: 'NAME', describe: 'only what belongs to this tenant' } },
  },
  'rotate-issuer-keys': { describe: 'make the next keys that the embedded issuer signs tokens with; they sign some minutes later' },
  'rotate-signing-key': { describe: 'make the next key that configuration is signed with; runtimes learn it by themselves' },
} as const;

export const settings = defineSettings(
  { name: 'stoa-control-plane', description: 'Serves the management API, the registration protocol and the Console.', version, commands },
  table,
  tlsFault,
  telemetryFault,
  externalIssuerFault,
  ({ auditSinkUrl, auditSinkToken }) =>
    auditSinkToken !== undefined && auditSinkUrl === undefined
      ? 'STOA_AUDIT_SINK_TOKEN is for STOA_AUDIT_SINK_URL, which is not set: set both, or neither.'
      : undefined,
  ({ databaseUrl, masterKey, kmsCommand }) =>
    databaseUrl !== undefined && masterKey === undefined && kmsCommand === undefined ? masterKeyIsMissing : undefined,
  rolesFault,
);
export type Settings = SettingsOf<typeof table>;
