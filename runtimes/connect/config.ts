import { hostname } from 'node:os';
import { httpSettings } from '@stoa/lib/http-server.ts';
import { commonSettings } from '@stoa/lib/log.ts';
import { tlsFault } from '@stoa/lib/server-tls.ts';
import { defineSettings, setting } from '@stoa/lib/settings.ts';
import type { SettingsOf } from '@stoa/lib/settings.ts';
import { version } from '@stoa/lib/version.ts';
import { missingFault, strangerFault, usualVendor, vendorNames, vendorSettings } from './vendors/table.ts';

export const program = 'stoa-connect';

const table = {
  ...commonSettings,
  controlPlaneUrl: setting.url({ describe: 'Base URL of the Control Plane, such as https://stoa.example.' }),
  gatewayKey: setting.secret({ describe: 'Gateway key that an operator minted for this instance.' }),
  instanceName: setting.string({
    default: defaultInstanceName(),
    describe: 'Name of this instance, unique in its environment and the same after every restart.',
    matches: {
      pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
      says: 'must be 1 to 128 letters, digits, ".", "_" or "-", the first a letter or digit',
    },
  }),
  environment: setting.string({
    default: 'default',
    describe: 'Environment that this instance belongs to, exactly as the Control Plane knows it.',
    matches: {
      pattern: /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
      says: 'must be 1 to 63 lower-case letters, digits or "-", and begin and end without "-"',
    },
  }),
  labels: setting.labels({ default: {}, describe: 'Labels that deployments can choose this instance by.' }),
  stateDir: setting.path({
    default: '.stoa/connect',
    describe: "Directory of this instance alone, for what was last applied. It holds consumers' keys. Keep it over restarts.",
  }),
  listen: setting.address({ default: '127.0.0.1:8083', describe: 'Where to answer probes and metrics.' }),
  ...httpSettings,
  targetGatewayType: setting.choice({ choices: vendorNames, default: usualVendor, describe: 'What the third-party gateway is.' }),
  targetGatewayUrl: setting.url({
    default: 'http://127.0.0.1:8001',
    describe: "Address of the third-party gateway's admin API, with the path that stands before all of its calls: that of a workspace.",
  }),
  targetGatewayToken: setting.secret({
    optional: true,
    describe:
      'Credential for the admin API, sent in the header of STOA_TARGET_GATEWAY_TOKEN_HEADER. Open-source Kong ignores it; a proxy before it may not.',
  }),
  targetGatewayTokenHeader: setting.string({
    optional: true,
    describe:
      'Header that carries STOA_TARGET_GATEWAY_TOKEN; when absent the one that the admin API is known to read: Kong-Admin-Token or Authorization.',
    matches: { pattern: /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, says: 'must be the name of a header' },
  }),
  targetGatewayCertFile: setting.path({
    optional: true,
    describe: 'PEM file of the certificate that is shown to the admin API, where it asks for one. Set it together with STOA_TARGET_GATEWAY_KEY_FILE.',
  }),
  targetGatewayKeyFile: setting.path({
    optional: true,
    describe: 'PEM file of the private key of STOA_TARGET_GATEWAY_CERT_FILE, without a passphrase.',
  }),
  resyncInterval: setting.durationMs({
    default: '30s',
    minMs: 1000,
    maxMs: 3_600_000,
    describe: 'How often the third-party gateway is looked at for drift, which is reported and repaired.',
  }),
  ...vendorSettings,
};

export type ConnectSettings = SettingsOf<typeof table>;

/** The settings of STOA Connect. */
export const settings = defineSettings(
  {
    name: program,
    version,
    description: 'STOA Connect: configures a third-party gateway as the Control Plane wants it. Serves no MCP.',
    commands: {
      plan: { describe: 'tell what it would write now, by the last configuration that it applied; write nothing. 1 when there is a difference' },
      validate: {
        describe: 'judge settings, target and the configuration at hand, without the Control Plane; write nothing. 1 when something does not fit',
      },
      enroll: {
        describe: 'sign in by a code, mint a key for this instance and write what it starts with; keeps nothing of the sign-in',
        options: {
          server: { value: 'URL', describe: 'the Control Plane' },
          'target-url': { value: 'URL', describe: "the third-party gateway's admin API" },
          environment: { value: 'NAME', describe: 'the environment that the gateway belongs to' },
          target: { value: 'TYPE', describe: 'what the third-party gateway is' },
          'target-token-file': { value: 'FILE', describe: 'a file with the credential of the admin API; it is not copied' },
          'target-token-header': { value: 'NAME', describe: 'the header that carries it' },
          'target-cert-file': { value: 'FILE', describe: 'a certificate in PEM that is shown to the admin API, with --target-key-file' },
          'target-key-file': { value: 'FILE', describe: 'its private key in PEM; neither is copied' },
          'ca-file': { value: 'FILE', describe: 'authorities to trust for server and gateway' },
          name: { value: 'NAME', describe: 'of the instance; the name of this machine when absent' },
          label: { value: 'KEY=VALUE', describe: 'a label that deployments can choose it by; may be repeated', repeated: true },
          team: { value: 'NAME', describe: 'whose the gateway is; needed where one may mint keys for a team alone' },
          set: { value: 'KEY=VALUE', describe: 'a setting of this kind of gateway, such as caddy_server=srv0; may be repeated', repeated: true },
          tenant: { value: 'NAME', describe: 'the tenant to sign in to, for who belongs to several' },
          'state-dir': { value: 'FOLDER', describe: 'where it keeps its state; state beside the configuration when absent' },
          force: { describe: 'replace files that are there' },
        },
      },
    },
  },
  table,
  tlsFault,
  strangerFault,
  missingFault,
  certificateFault,
);

function defaultInstanceName(): string {
  const name = hostname()
    .replace(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 128);
  return name === '' ? 'connect' : name;
}

function certificateFault({
  targetGatewayCertFile: cert,
  targetGatewayKeyFile: key,
}: Pick<ConnectSettings, 'targetGatewayCertFile' | 'targetGatewayKeyFile'>): string | undefined {
  if ((cert === undefined) === (key === undefined)) return undefined;
  return `${cert === undefined ? 'STOA_TARGET_GATEWAY_CERT_FILE' : 'STOA_TARGET_GATEWAY_KEY_FILE'} is missing: a certificate and its key are given together.`;
}
